"""board_pack.toml: what a pack consists of, and one plain sentence for each mistake."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from config.packs import MOST_ROWS, SECTIONS, PackSettings, SectionSettings, Slides
from config.settings import load
from ledger.errors import ConfigError, OutstandingError

APP = 'reporting_currency = "USD"\nsource = "books"\n[dimensions]\nentity = "Entity"\nregion = "Region"\n'
SOURCE = 'kind = "files"\n[tables]\n'
ALERTS = '[owners.cfo]\nname = "Ada Marsh"\n[owners.chair]\nname = "Chair"\n'


DOCS = (Path(__file__).resolve().parents[2] / "docs" / "board_pack.md").read_text(encoding="utf-8")
EXAMPLES = [block for block in re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL) if "[packs" in block]


@pytest.fixture
def packs(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "books.toml").write_text(SOURCE)
    (tmp_path / "app.toml").write_text(APP)
    (tmp_path / "alerts.toml").write_text(ALERTS)

    def read(said=None):
        if said is not None:
            (tmp_path / "board_pack.toml").write_text(said, encoding="utf-8")
        return load(tmp_path).packs

    return read


def test_without_a_file_there_is_the_board_s_pack(packs):
    found = packs()
    assert list(found.packs) == ["board"]
    assert found.first == found.named("board") == PackSettings(name="board")
    assert tuple(each.section for each in found.first.sections) == SECTIONS
    assert (found.slides.template, found.slides.title_layout, found.slides.content_layout) == (
        None, "Title Slide", "Title Only",
    )  # fmt: skip


def test_a_file_about_slides_alone_keeps_the_board_s_pack(packs, tmp_path):
    found = packs('[slides]\ntemplate = "our.pptx"\ncontent_layout = "Inhalt"\n')
    assert list(found.packs) == ["board"]
    assert found.slides.template == tmp_path / "our.pptx"
    assert (found.slides.title_layout, found.slides.content_layout) == ("Title Slide", "Inhalt")


def test_the_shipped_file_says_what_there_is_without_one():
    shipped = load().packs
    assert list(shipped.packs) == ["board"]
    plain = PackSettings(name="board")
    assert shipped.first.model_copy(update={"sections": plain.sections}) == plain
    assert tuple(each.section for each in shipped.first.sections) == SECTIONS


def test_everything_is_read(packs):
    found = packs(
        """
        [packs.board]
        sections = ["summary", { section = "segments", by = "region", rows = 5, title = "Regions" }, "dso"]
        [packs.emea-weekly]
        title = "EMEA"
        subtitle = ""
        window = "90d"
        against = "target"
        currency = "EUR"
        paper = "us-letter"
        formats = ["xlsx", "pdf", "xlsx"]
        send_to = ["cfo", "chair"]
        where = { region = ["EMEA", "Unassigned"], customer = "0010002" }
        """
    )
    board, weekly = found.packs.values()
    assert board.sections == (
        SectionSettings(section="summary"),
        SectionSettings(section="segments", by="region", rows=5, title="Regions"),
        SectionSettings(section="dso"),
    )
    assert (weekly.name, weekly.title, weekly.subtitle, weekly.window, weekly.against) == (
        "emea-weekly", "EMEA", "", "90d", "target",
    )  # fmt: skip
    assert (weekly.currency, weekly.paper, weekly.formats) == ("EUR", "us-letter", ("xlsx", "pdf"))
    assert weekly.send_to == ("cfo", "chair")
    assert dict(weekly.where) == {"region": ("EMEA", "Unassigned"), "customer": ("0010002",)}
    assert tuple(each.section for each in weekly.sections) == SECTIONS


def test_nothing_of_it_can_be_changed(packs):
    found = packs('[packs.board]\nwhere = { region = "EMEA" }\n')
    with pytest.raises(TypeError):
        found.packs["other"] = found.first
    with pytest.raises(TypeError):
        found.first.where["region"] = ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("[pack.board]", "unknown key pack: did you mean 'packs'?"),
        ("[slides]\nlayout = 'x'", "unknown key slides.layout"),
        ("[slides]\ntitle_layout = ''", "slides.title_layout is empty."),
        ("packs = 3", "packs is 3; it must be a table."),
        ("[packs]\nboard = 3", "packs.board is 3; it must be a table."),
        ("[packs.Board]", "packs.Board.name has the name 'Board'; use small letters, digits, '-' and '_'"),
        ('[packs."../x"]', "has the name '../x'; use small letters"),
        ("[packs.board]\nname = 'x'", "packs.board has a name of its own; its key is its name, remove the line."),
        ("[packs.board]\ntitel = 'x'", "unknown key packs.board.titel: did you mean 'title'?"),
        ("[packs.board]\ntitle = ' '", "packs.board.title is empty."),
        ("[packs.board]\nsections = 'dso'", "packs.board.sections is 'dso'; it must be a list."),
        ("[packs.board]\nsections = []", "packs.board.sections is empty; name sections, such as ['summary'"),
        ("[packs.board]\nsections = ['agin']", "[0].section is 'agin', which is no section; did you mean 'aging'?"),
        ("[packs.board]\nsections = [3]", "packs.board.sections[0] is 3; it must be a table."),
        ("[packs.board]\nsections = ['dso', 'dso']", "packs.board.sections has 'dso' twice"),
        ("[packs.board]\nsections = [{ by = 'region' }]", "packs.board.sections[0].section is missing."),
        (
            "[packs.board]\nsections = [{ section = 'dso', row = 3 }]",
            "unknown key packs.board.sections[0].row: did you mean 'rows'?",
        ),
        ("[packs.board]\nsections = [{ section = 'dso', rows = 0 }]", "packs.board.sections[0].rows is 0"),
        ("[packs.board]\nsections = [{ section = 'dso', rows = 10001 }]", "packs.board.sections[0].rows is 10001"),
        ("[packs.board]\nsections = [{ section = 'dso', rows = 2.5 }]", "rows is 2.5; it must be a whole number."),
        (
            "[packs.board]\nsections = [{ section = 'dso', by = 'regoin' }]",
            "packs.board.sections[0].by names 'regoin', which is no dimension; did you mean 'region'?",
        ),
        ("[packs.board]\nwindow = '3 months'", "packs.board.window is '3 months'; it must be a number"),
        ("[packs.board]\nagainst = 'plan'", "packs.board.against is 'plan'; it must be 'year', 'period' or 'target'."),
        ("[packs.board]\ncurrency = 'usd'", "packs.board.currency is 'usd'; it must be a currency's three"),
        ("[packs.board]\npaper = 'a3'", "packs.board.paper is 'a3'; it must be 'a4' or 'us-letter'."),
        ("[packs.board]\nformats = ['ppt']", "formats[0] is 'ppt'; it must be 'pptx', 'pdf' or 'xlsx'."),
        ("[packs.board]\nformats = []", "packs.board.formats is empty; choose from pptx, pdf, xlsx."),
        ("[packs.board]\nwhere = { region = [] }", "packs.board.where has no value for 'region'"),
        ("[packs.board]\nwhere = { region = [3] }", "packs.board.where.region[0] is 3; it must be text in quotes."),
        (
            "[packs.board]\nwhere = { regoin = 'EMEA' }",
            "packs.board.where.regoin names 'regoin', which is no dimension; did you mean 'region'?",
        ),
        (
            "[packs.board]\nsend_to = ['cf']",
            "packs.board.send_to names 'cf', who is no owner in alerts.toml; did you mean 'cfo'?",
        ),
        ("[packs.board]\ntitle = '${NOT_SET}'", "packs.board.title needs the environment variable NOT_SET"),
        ("[packs.board", "is not valid TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(packs, said, told):
    with pytest.raises(ConfigError) as caught:
        packs(said)
    words = str(caught.value)
    assert "board_pack.toml" in words
    assert told in words
    assert "\n" not in words


def test_a_pack_of_some_sections(packs):
    found = packs("[packs.board]\nsections = ['summary', { section = 'aging', rows = 3 }]").first
    assert found.of(["aging", "why", "aging"]).sections == (
        SectionSettings(section="aging", rows=3),
        SectionSettings(section="why"),
    )
    with pytest.raises(OutstandingError, match=r"There is no section 'agin'; did you mean 'aging'\?"):
        found.of(["agin"])


def test_a_pack_that_there_is_not(packs):
    with pytest.raises(OutstandingError, match=r"board_pack.toml has no pack 'bord'; did you mean 'board'\?"):
        packs().named("bord")


def test_a_path_of_its_own_stays(packs):
    assert packs('[slides]\ntemplate = "/srv/our.pptx"\n').slides.template == Path("/srv/our.pptx")


@pytest.mark.parametrize("section", [PackSettings, SectionSettings, Slides])
def test_every_key_is_documented(section):
    for key in section.model_fields:
        if key != "name":
            assert re.search(rf"^\|.*`{key}`.*\|.*\|.*\|$", DOCS, re.MULTILINE), key


def test_every_section_is_documented_in_order():
    told = re.findall(r"^\| `(\w+)` \|", DOCS.partition("| section | shows |")[2].partition("\n\n")[0], re.MULTILINE)
    assert tuple(told) == SECTIONS
    assert f"at most {MOST_ROWS:,}" in DOCS


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_documented_example_can_be_read(packs, example):
    found = packs(example)
    assert list(found.packs) == list(tomllib.loads(example)["packs"])
    assert found.named("board").sections[3] == SectionSettings(section="exposures", rows=20, title="Who owes most")
