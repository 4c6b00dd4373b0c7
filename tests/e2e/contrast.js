// Words that stand out too little from their ground, one sentence each.
//
// axe gives up on a text as soon as anything might lie over it, which in a page of frames is nearly all of it. Here the
// ground is what the element's own ancestors paint, and an opacity anywhere above mixes the words with it.
() => {
  const parse = (color) => {
    const canvas = (parse.canvas ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true }));
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], ground) => [r, g, b].map((each, place) => each * a + ground[place] * (1 - a));
  const ground = (element, words) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.backgroundImage !== 'none') return null;
      // What is smaller than the words, as a slider's thumb under its number, is not behind them.
      const box = each.getBoundingClientRect();
      if (box.width < words.width - 1 || box.height < words.height - 4) continue;
      layers.push(parse(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (color) => {
    const [r, g, b] = color.map((each) => (each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const opacity = (element) => {
    let all = 1;
    for (let each = element; each; each = each.parentElement) all *= Number(getComputedStyle(each).opacity);
    return all;
  };
  const told = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const words = node.textContent.trim();
    // A square or a line in the colour of a mark is a key, not a word.
    if (!/[\p{L}\p{N}]/u.test(words) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || element.closest('svg, [aria-hidden=true], [disabled], canvas, script, style')) continue;
    const style = getComputedStyle(element);
    const under = ground(element, box);
    if (!under) continue;
    const [r, g, b, a] = parse(style.color);
    const shown = over([r, g, b, a * opacity(element)], under);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const reached = ratio(shown, under);
    if (reached < (large ? 3 : 4.5) - 0.005) {
      const key = element.closest('[data-testid]')?.dataset.testid ?? element.tagName.toLowerCase();
      const all = `${key}: ${reached.toFixed(2)} to 1, '${words.slice(0, 40)}'`;
      if (!told.has(`${key}${reached.toFixed(2)}`)) told.set(`${key}${reached.toFixed(2)}`, all);
    }
  }
  return [...told.values()];
}
