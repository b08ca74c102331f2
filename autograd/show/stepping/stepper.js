// Upgrades the static picture and table of a stepper; everything it says stands in the table.
for (const root of document.querySelectorAll('.wengert-stepper:not([data-frame])')) {
  const told = root.querySelector('script[type="application/json"]');
  if (!told) continue;                    // an untrusted one, beside a cell that was run anew
  const state = JSON.parse(told.textContent);
  const rows = [...root.querySelectorAll('tbody tr')].map(
    row => [...row.cells].map(cell => cell.textContent));
  const image = root.querySelector('img'), details = root.querySelector('details');
  const make = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  };
  const bar = make('div', 'ws-bar'), lines = make('div', 'ws-lines');
  const picture = make('div', 'ws-picture'), arrays = make('div', 'ws-arrays');
  const element = make('div', 'ws-element');
  picture.innerHTML = atob64(image.src.split(',')[1]);
  const svg = picture.querySelector('svg');
  svg.style.maxWidth = 'none';            // notebooks shrink pictures; this one scrolls
  image.hidden = true;
  root.insertBefore(bar, image);
  for (const part of [lines, picture, arrays, element]) root.insertBefore(part, image);

  function atob64(text) {
    return new TextDecoder().decode(Uint8Array.from(atob(text), c => c.charCodeAt(0)));
  }
  const group = id => svg.querySelector('[id="' + root.id + '-' + id + '"]');

  // -- the controls --------------------------------------------------------------------------
  const button = (name, text, act, hint) => {
    const made = make('button', name, text);
    made.type = 'button';
    made.title = hint;
    made.onclick = act;
    bar.append(made, ' ');
    return made;
  };
  let frame = 0, timer = null;
  button('ws-reset', 'Reset', () => go(0), 'to the beginning (Home)');
  button('ws-back', 'Back', () => go(frame - 1), 'one step back (left arrow)');
  button('ws-step', 'Step', () => go(frame + 1), 'one step on (right arrow)');
  const playing = button('ws-play', 'Play', play, 'play and pause (space)');
  const slider = make('input', 'ws-slider');
  Object.assign(slider, {type: 'range', min: 0, max: rows.length - 1, value: 0});
  slider.setAttribute('aria-label', 'step');
  slider.oninput = () => go(+slider.value);
  const until = make('select', 'ws-until');
  for (const [value, text] of [['grad', '|grad| over'], ['nan', 'nan or inf'], ['kink', 'a kink']])
    until.append(Object.assign(make('option', '', text), {value}));
  const threshold = Object.assign(make('input', 'ws-threshold'), {type: 'number', value: 1, step: 'any'});
  threshold.setAttribute('aria-label', 'threshold');
  threshold.onkeydown = event => { if (event.key === 'Enter') run(); };
  until.onchange = () => { threshold.hidden = until.value !== 'grad'; };
  bar.append(slider, ' run until ', until, ' ', threshold, ' ');
  button('ws-run', 'Run', run, 'run on to the next such step');
  const phase = make('div', 'ws-phase'), note = make('span', 'ws-note');
  const texts = ['symbols', 'numbers', 'code'].map(name => make('div', 'ws-' + name));
  lines.append(phase, ...texts, note);

  const names = Object.keys(state.elements), opened = make('div');
  if (names.length) {
    const open = make('select', 'ws-open');
    for (const name of ['', ...names]) open.append(make('option', '', name));
    open.onchange = () => { opened.innerHTML = state.elements[open.value] || ''; };
    element.append('open an element, to see the scalars behind it (gradients there are of the element): ',
                   open, opened);
  }

  // -- one frame -----------------------------------------------------------------------------
  const boxes = {}, steps = state.frames;
  for (const [id, box] of Object.entries(state.boxes)) {
    if (!group(id)) continue;
    const all = [...group(id).querySelectorAll('text')];
    const at = word => all.findIndex(       // the first line is the name, `data loss` say
      (text, i) => i > 0 && text.textContent.startsWith(word + ' '));
    const from = at('data'), to = at('grad');
    boxes[id] = {shape: group(id).querySelector('polygon,path'), leaf: box.leaf,
                 data: all.slice(from, to), grad: all.slice(to),
                 told: {data: all.slice(from, to).map(text => text.textContent),
                        grad: all.slice(to).map(text => text.textContent)}};
  }
  const write = (texts, words) => texts.forEach((text, i) => { text.textContent = words[i] || ''; });
  const paint = (id, color, width, dashes) => {
    const edge = group(id);
    if (!edge) return;
    edge.querySelectorAll('path').forEach(path => {
      path.setAttribute('stroke', color);
      path.setAttribute('stroke-width', width);
      dashes ? path.setAttribute('stroke-dasharray', dashes) : path.removeAttribute('stroke-dasharray');
    });
    edge.querySelectorAll('polygon').forEach(tip => {
      tip.setAttribute('stroke', color);
      tip.setAttribute('fill', color);
    });
    edge.classList.toggle('ws-current', width > 2);
  };
  function go(k) {
    frame = Math.max(0, Math.min(rows.length - 1, k));
    const edges = {};
    for (const id in boxes) {
      write(boxes[id].data, boxes[id].leaf ? boxes[id].told.data : ['data …']);
      write(boxes[id].grad, ['grad –']);
      boxes[id].shape.setAttribute('stroke', 'black');
      boxes[id].shape.setAttribute('stroke-width', 1);
    }
    steps.slice(0, frame + 1).forEach(({phase, box, writes, edges: passed}, i) => {
      for (const [id, part, words] of writes) {
        if (boxes[id]) write(boxes[id][part], words || boxes[id].told[part]);
      }
      for (const id of passed) edges[id] = i === frame ? 'now' : phase;
      if (i === frame && boxes[box]) {
        boxes[box].shape.setAttribute('stroke', '#d9480f');
        boxes[box].shape.setAttribute('stroke-width', 3);
      }
    });
    for (const id of state.edges) {
      const way = edges[id];
      way === 'now' ? paint(id, '#d9480f', 3) : way === 'backward' ? paint(id, '#1864ab', 2)
        : way ? paint(id, 'black', 1) : paint(id, '#999999', 1, '4,3');
    }
    phase.textContent = rows[frame][1] + ' · ' + (frame + 1) + ' of ' + rows.length;
    texts.forEach((text, i) => { text.textContent = rows[frame][i + 2]; });
    arrays.replaceChildren(...steps[frame].arrays.map(([caption, key]) => {
      const figure = make('figure', '', caption);
      figure.append(document.createElement('br'));
      figure.insertAdjacentHTML('beforeend', state.arrays[key]);
      return figure;
    }));
    note.textContent = '';
    slider.value = frame;
    root.dataset.frame = frame;
    const lit = boxes[steps[frame].box];
    if (lit) {                              // in the middle, where the picture is larger
      const here = lit.shape.getBoundingClientRect(), view = picture.getBoundingClientRect();
      picture.scrollLeft += here.left + here.width / 2 - view.left - view.width / 2;
      picture.scrollTop += here.top + here.height / 2 - view.top - view.height / 2;
    }
    if (frame === rows.length - 1) pause();
  }

  // -- play, run, jump -----------------------------------------------------------------------
  function pause() {
    clearInterval(timer);
    timer = null;
    playing.textContent = 'Play';
  }
  function play() {
    if (timer) return pause();
    if (frame === rows.length - 1) go(0);
    playing.textContent = 'Pause';
    timer = setInterval(() => root.isConnected ? go(frame + 1) : pause(), 900);
  }
  function run() {
    const found = steps.findIndex((step, i) => i > frame && (
      until.value === 'kink' ? step.kink : until.value === 'nan' ? step.size === null
        : step.size === null || step.size > +threshold.value));
    found < 0 ? note.textContent = 'no such step from here on' : go(found);
  }
  for (const id in boxes) {
    const box = group(id), last = steps.reduce((kept, step, i) => step.writes.some(
      ([to, part]) => to === id && part === 'grad') ? i : kept, -1);
    if (last < 0) continue;
    box.style.cursor = 'pointer';
    box.addEventListener('click', () => { pause(); go(last); });
  }
  root.addEventListener('keydown', event => {
    if (['INPUT', 'SELECT'].includes(event.target.tagName)) {
      if (event.target !== slider) return event.stopPropagation();
    }
    const act = {ArrowRight: () => go(frame + 1), ArrowLeft: () => go(frame - 1),
                 Home: () => go(0), End: () => go(rows.length - 1), ' ': play}[event.key];
    if (!act || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === ' ' && ['BUTTON', 'SUMMARY'].includes(event.target.tagName)) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  });
  root.dataset.frames = rows.length;
  go(0);
}
