// What is wrong with the layout of the page as it stands, one sentence each; nothing if all is well.
() => {
  const found = [];
  const main = document.querySelector('[data-testid=stMain]');
  const block = document.querySelector('[data-testid=stMainBlockContainer]');
  const edge = Math.min(document.documentElement.clientWidth, main.getBoundingClientRect().right);
  const all = (selector, within = block) => [...within.querySelectorAll(selector)];
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const name = (element) => {
    const keyed = element.closest('[class*="st-key-"]');
    const key = keyed ? [...keyed.classList].find((word) => word.startsWith('st-key-')) : 'no key';
    const text = (element.innerText ?? element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 50);
    return `${element.dataset?.testid ?? element.tagName.toLowerCase()} '${text}' in ${key}`;
  };
  // Meant to be moved sideways, inside its own frame.
  const moves = (element) => {
    for (let outer = element; outer && outer !== block; outer = outer.parentElement) {
      if (['auto', 'scroll'].includes(getComputedStyle(outer).overflowX) && outer.scrollWidth > outer.clientWidth) return true;
    }
    return false;
  };

  for (const [what, element] of [['document', document.documentElement], ['main part', main]]) {
    if (element.scrollWidth > element.clientWidth + 1) {
      found.push(`the ${what} can be moved sideways: ${element.scrollWidth} px in ${element.clientWidth} px`);
    }
  }

  const leaves = all('p, h1, h2, h3, button, input, svg, canvas, img, table, label, a, code');
  for (const element of leaves.filter(seen)) {
    const box = element.getBoundingClientRect();
    if (box.right > edge + 1 && !moves(element)) found.push(`cut off at the right edge, by ${Math.round(box.right - edge)} px: ${name(element)}`);
    if (box.left < main.getBoundingClientRect().left - 1 && !moves(element)) found.push(`cut off at the left edge: ${name(element)}`);
  }

  const cards = all('[class*="st-key-card_"], [data-testid="stMetric"]').filter(seen);
  cards.forEach((one, place) => {
    const a = one.getBoundingClientRect();
    for (const other of cards.slice(place + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const b = other.getBoundingClientRect();
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 1) found.push(`${name(one)} lies over ${name(other)}`);
    }
  });

  // What stands in a card stays in it.
  for (const card of all('[class*="st-key-card_"]').filter(seen)) {
    const frame = card.getBoundingClientRect();
    const out = all('p, button, canvas, svg.marks, table', card).find((element) => {
      const box = element.getBoundingClientRect();
      return seen(element) && !moves(element) && (box.right > frame.right + 1 || box.bottom > frame.bottom + 1);
    });
    if (out) found.push(`out of its card: ${name(out)}`);
  }

  for (const value of all('[data-testid=stMetricValue], [data-testid=stMetricValue] *').filter(seen)) {
    if (value.scrollWidth > value.clientWidth + 1 && getComputedStyle(value).overflowX !== 'visible') found.push(`a number is cut: ${name(value)}`);
  }

  const charts = all('[data-testid=stVegaLiteChart], [data-testid=stPlotlyChart]').filter((chart) => chart.checkVisibility());
  for (const chart of charts) {
    const drawn = all('svg.marks, canvas.marks, .main-svg', chart).map((each) => each.getBoundingClientRect());
    if (!drawn.some((box) => box.width > 40 && box.height > 15)) found.push(`a chart is not drawn: ${name(chart)}`);
  }
  for (const chart of all('svg.marks').filter(seen)) {
    const frame = chart.getBoundingClientRect();
    for (const text of all('text', chart)) {
      const box = text.getBoundingClientRect();
      if (!text.textContent.trim() || box.width === 0 || getComputedStyle(text).opacity === '0') continue;
      const out = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
      if (out > 3) found.push(`a chart cuts its words by ${Math.round(out)} px: ${name(text)}`);
    }
  }

  if (all('[data-testid=stAlertContentError]').length) found.push('the page failed');

  const heading = document.querySelector('h1').getBoundingClientRect();
  if (main.scrollTop !== 0) found.push('the page is not at its top');
  if (heading.top < 0 || heading.bottom > window.innerHeight) found.push('the message is not in sight');
  return [...new Set(found)];
}
