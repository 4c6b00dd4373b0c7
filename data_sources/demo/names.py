"""Firm names that look like their country's, each used once. All invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True)
class Style:
    """The parts of a firm's name. ``pattern`` orders them; towns are added when the plain names run out."""

    pattern: str
    roots: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    towns: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


STYLES = {
    "english": Style(
        "{root} {trade} {form}",
        _words(
            "Alder Ashcombe Barlow Beckett Birchfield Blackwood Brightwater Bryson Calloway Carver Cedarline"
            " Chalmers Colborne Copperfield Crestline Dalton Denholm Eastbrook Ellery Fairmount Fenwick"
            " Foxhall Garrick Glenrock Greystone Hadley Harcourt Hawthorne Ironbridge Keswick Kingsley"
            " Lakeside Langford Larkin Lockwood Marlowe Merrick Millbrook Northgate Oakhurst O'Connell"
            " O'Rourke Pemberton Pinecrest Quarry_Hill Redfern Ridgeway Rowan St._Clair Sterling Stonebridge"
            " Summit Tamarack Thornbury Underwood Vance Westfall Whitaker Wren"
        ),
        _words(
            "Builders Civil Components Controls Dairy_Foods Diagnostics Distribution Electrical Engineering"
            " Fabrication Fasteners Freight Hardware Health Home_Stores Instruments Logistics Machinery"
            " Marine Materials Medical Packaging Plastics Power Precision Retail Robotics Steel Supply"
            " Tooling Transport Utilities Water Wholesale"
        ),
        ("Ltd", "Inc.", "Group", "& Sons", "Partners"),
        _words("North South East West Central Coastal Valley Harbor Midland Upland"),
    ),
    "german": Style(
        "{root} {trade} {form}",
        _words(
            "Adler Bäcker Baumgärtner Berger Brückner Dörr Eichhorn Engelhardt Fröhlich Fuchs Gärtner Götz"
            " Großmann Haas Höfer Huber Jäger Jürgens Kästner Kranz Krüger Löffler Lüders Mönch Müller Nägele"
            " Neuhaus Ostermann Pflüger Quast Röder Rüttgers Schäfer Schönfeld Schröder Seidl Steinmüller"
            " Süßmann Thür Übel Vögele Weiß Wölfel Zöllner"
        ),
        _words(
            "Anlagenbau Antriebstechnik Bau Baustoffe Dichtungen Elektrotechnik Feinmechanik Fördertechnik"
            " Gerätebau Großhandel Hochbau Industrietechnik Kliniken Kunststoffe Labortechnik Logistik"
            " Maschinenbau Medizintechnik Metallbau Pumpen Stahl Tiefbau Verpackung Werkzeuge"
        ),
        ("GmbH", "GmbH & Co. KG", "AG", "KG"),
        _words("Augsburg Bremen Dresden Essen Graz Hannover Köln Lübeck Nürnberg Utrecht"),
    ),
    "french": Style(
        "{trade} {root} {form}",
        _words(
            "Arnaud Aubry Béranger Bonnefoy Châtelain Clément Coëtlogon Delaunay Deschênes Étienne Faivre"
            " François Gérard Guérin Hérault Joubert L'Hermite Lefèvre Léger Maçon Mérieux Noël Orfèvre"
            " Pélissier Quéré Rémy Séguin Thévenot Vallée Verdier"
        ),
        _words(
            "Ateliers Bâtiments Chantiers Cliniques Comptoir Constructions Emballages Entrepôts Équipements"
            " Établissements Fonderies Laboratoires Mécanique Négoce Outillage Société_Générale Transports"
            " Tuileries"
        ),
        ("SA", "SAS", "SARL", "et Fils"),
        _words("Amiens Besançon Dijon Lyon Nîmes Orléans Reims Rennes Rouen Tours"),
    ),
    "italian": Style(
        "{trade} {root} {form}",
        _words(
            "Albertini Bassani Bellandi Cattaneo Colombo D'Angelo De_Santis Esposito Farina Galli Grimaldi"
            " Innocenti Lombardi Marchetti Niccolò Orlandi Pellegrini Quaranta Rinaldi Salvatori Tedeschi"
            " Urbani Valentini Zanetti"
        ),
        _words(
            "Acciaierie Ceramiche Costruzioni Distribuzione Edilizia Farmaceutici Forniture Impianti"
            " Logistica Meccanica Officine Utensili"
        ),
        ("S.p.A.", "S.r.l.", "& Figli"),
        _words("Bari Bergamo Bologna Brescia Genova Modena Padova Parma Torino Verona"),
    ),
    "spanish": Style(
        "{trade} {root} {form}",
        _words(
            "Acuña Álvarez Benítez Bermúdez Cárdenas Castañeda Domínguez Echeverría Fernández Gálvez"
            " Gutiérrez Hernández Ibáñez Jiménez Lázaro Martínez Muñoz Núñez Ordóñez Peñalver Quiñones"
            " Ramírez Sánchez Téllez Ureña Vásquez Yáñez Zúñiga"
        ),
        _words(
            "Aceros Almacenes Comercial Construcciones Distribuidora Equipos Ferretería Hospitales"
            " Industrias Logística Maquinaria Materiales Obras Plásticos Suministros Transportes"
        ),
        ("S.A.", "S.A. de C.V.", "S.L.", "e Hijos"),
        _words("Bilbao Bogotá Cádiz Guadalajara León Málaga Monterrey Puebla Santiago Valencia"),
    ),
    "portuguese": Style(
        "{trade} {root} {form}",
        _words(
            "Almeida Araújo Assunção Brandão Câmara Conceição Esperança Falcão Gonçalves Guimarães Inácio"
            " Leão Magalhães Nóbrega Ornelas Paixão Queirós Simões Taváres Vitória"
        ),
        _words(
            "Aços Comércio Construtora Distribuidora Embalagens Hospitais Indústrias Logística Máquinas"
            " Metalúrgica Obras"
        ),
        ("Ltda.", "S.A.", "& Irmãos"),
        _words("Belém Brasília Campinas Curitiba Goiânia Maceió Manaus Recife Santos São_Paulo"),
    ),
    "polish": Style(
        "{root} {trade} {form}",
        _words(
            "Dąbrowski Górski Jabłoński Kołodziej Łęcki Mączka Nowak Ożarów Pawłowski Różycki Świątek Wójcik Zając Żak"
        ),
        _words("Budowa Hurtownia Instalacje Logistyka Maszyny Narzędzia Opakowania Stal Transport Zakłady"),
        ("Sp. z o.o.", "S.A."),
        _words("Gdańsk Katowice Kraków Łódź Lublin Poznań Radom Szczecin Toruń Wrocław"),
    ),
    "japanese": Style(
        "{root} {trade} {form}",
        _words(
            "Aoyama Asahina Chūō Fujimori Hayakawa Hōjō Inoue Ishikari Kaneda Kōnan Kurobe"
            " Matsukawa Minamoto Mizuho Nagare Nishiura Ōsawa Ōtani Sakuragi Shinonome 東和 大野"
            " 北辰 三栄 光洋 丸山 藤田 山城 Tachibana Tokiwa Uchida Wakaba Yamanoi Yūki"
        ),
        _words(
            "Chemical Denki Foods Iryō Kensetsu Kikai Kōgyō Kōtsū Logistics Materials Sangyō Seiki"
            " Seisakusho Shōji Steel"
        ),
        ("K.K.", "Co., Ltd.", "株式会社"),
        _words("Fukuoka Hiroshima Kōbe Kyōto Nagoya Niigata Okayama Ōsaka Sapporo Sendai"),
    ),
}


def firm_names(style: str, count: int, rng: np.random.Generator) -> list[str]:
    """``count`` different names in one style, in a random order."""
    parts = STYLES[style]
    plain = len(parts.roots) * len(parts.trades) * len(parts.forms)
    places = ("", *(f" {town}" for town in parts.towns))
    # Plain names serve first, then one town after another; a number ends the names of a very large company.
    indexes = np.arange(count)
    for start in range(0, count, plain):
        indexes[start : start + plain] = start + rng.permutation(plain)[: len(indexes[start : start + plain])]
    order = rng.permutation(count)
    return _spell(parts, indexes[order], plain, places)


def _spell(parts: Style, indexes: NDArray[np.int64], plain: int, places: tuple[str, ...]) -> list[str]:
    lap, combination = np.divmod(indexes, plain)
    rest, form = np.divmod(combination, len(parts.forms))
    root, trade = np.divmod(rest, len(parts.trades))
    number, place = np.divmod(lap, len(places))
    words = pl.DataFrame(
        {
            "root": pl.Series(parts.roots).gather(root),
            "trade": pl.Series(parts.trades).gather(trade),
            "place": pl.Series(places).gather(place),
            "form": pl.Series(parts.forms).gather(form),
            "number": pl.Series(number),
        }
    )
    first, second = ("root", "trade") if parts.pattern.startswith("{root}") else ("trade", "root")
    suffix = pl.when(pl.col("number") > 0).then(pl.format(" {}", pl.col("number") + 1)).otherwise(pl.lit(""))
    name = pl.format("{} {}{} {}{}", first, second, "place", "form", suffix)
    return words.select(name.alias("name"))["name"].to_list()


def mailboxes(names: list[str], numbers: list[str]) -> list[str]:
    """An invented accounts-payable address for each firm, under the reserved top-level name ``.example``."""
    slug = (
        pl.col("name")
        .str.normalize("NFKD")
        .str.to_lowercase()
        .str.replace_all(r"\p{M}", "")
        .str.replace_all(r"[^a-z0-9]+", "-")
        .str.strip_chars("-")
    )
    frame = pl.DataFrame({"name": names, "number": numbers}).with_columns(slug.alias("slug"))
    local = pl.format("ap.{}@{}.example", pl.col("number").str.strip_chars_start("0"), pl.col("slug"))
    return frame.select(local.alias("email"))["email"].to_list()
