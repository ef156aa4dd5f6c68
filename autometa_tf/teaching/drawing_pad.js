// A canvas in which one draws: with a mouse, a finger, a pen, or the keyboard.

const REST = 1500;  // Milliseconds after which a new stroke begins a new drawing.
const KEY_STEP = 1 / 20;
const INK_SIDE = 0.72;  // Of a symbol in its image, as in the images it was trained on.
const LINE = 1 / 11;  // Of the image's side.
const MOVES = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

export class DrawingPad {
  /** onChange is called while one draws; startsAnew: a stroke after a rest clears it. */
  constructor(canvas, { onChange = () => {}, startsAnew = false } = {}) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.startsAnew = startsAnew;
    this.strokes = [];  // Each a list of [x, y] in [0, 1].
    this.stroke = null;
    this.cursor = [0.5, 0.5];
    this.endedAt = 0;
    canvas.tabIndex = 0;
    canvas.addEventListener('pointerdown', (event) => this.begin(event));
    canvas.addEventListener('pointermove', (event) => this.move(event));
    for (const name of ['pointerup', 'pointercancel']) {
      canvas.addEventListener(name, () => this.end());
    }
    canvas.addEventListener('keydown', (event) => this.press(event));
    canvas.addEventListener('focus', () => this.paint());
    canvas.addEventListener('blur', () => { this.end(); this.paint(); });
    new ResizeObserver(() => this.paint()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.paint());
  }

  get isEmpty() {
    return !this.strokes.length;
  }

  clear() {
    this.strokes = [];
    this.stroke = null;
    this.changed();
  }

  begin(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    if (this.startsAnew && event.timeStamp - this.endedAt > REST) this.strokes = [];
    this.stroke = [this.at(event)];
    this.strokes.push(this.stroke);
    this.byKeys = false;
    this.changed();
  }

  move(event) {
    if (!this.stroke || this.byKeys) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.stroke.push(this.at(each));
    this.changed();
  }

  end() {
    if (!this.stroke) return;
    this.stroke = null;
    this.endedAt = performance.now();
    this.changed();
  }

  /** Arrows move, the space bar puts the pen down and lifts it, Delete clears. */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (MOVES[event.key]) {
      this.cursor = this.cursor.map((place, axis) =>
        Math.min(1, Math.max(0, place + KEY_STEP * MOVES[event.key][axis])));
      this.stroke?.push([...this.cursor]);
    } else if (event.key === ' ' || event.key === 'Enter') {
      if (this.stroke) this.end();
      else {
        this.stroke = [[...this.cursor]];
        this.strokes.push(this.stroke);
        this.byKeys = true;
      }
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
    this.changed();
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  changed() {
    this.paint();
    this.onChange();
  }

  /** Shows the drawing in the page's colours. */
  paint() {
    const side = Math.round(this.canvas.clientWidth * devicePixelRatio);
    if (!side) return;
    this.canvas.width = this.canvas.height = side;
    const context = this.canvas.getContext('2d');
    const style = getComputedStyle(this.canvas);
    this.draw(context, style.color, side / 18, ([x, y]) => [x * side, y * side]);
    if (document.activeElement === this.canvas && this.canvas.matches(':focus-visible')) {
      context.beginPath();
      context.arc(this.cursor[0] * side, this.cursor[1] * side, side / 24, 0, 7);
      context.fillStyle = style.getPropertyValue('--accent');
      context.globalAlpha = this.stroke ? 1 : 0.45;
      context.fill();
    }
  }

  draw(context, colour, width, place) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineCap = context.lineJoin = 'round';
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(...place(stroke[0]));
      for (const point of stroke) context.lineTo(...place(point));
      context.stroke();
    }
  }

  /** Draws the symbol centred and as large as those the network has seen. */
  drawCentred(context, side, colour) {
    const [xs, ys] = [0, 1].map((axis) => this.strokes.flat().map((point) => point[axis]));
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
    const width = side * LINE;
    const scale = (side * INK_SIDE - width) / Math.max(right - left, bottom - top, 0.05);
    const place = ([x, y]) => [
      side / 2 + scale * (x - (left + right) / 2), side / 2 + scale * (y - (top + bottom) / 2),
    ];
    this.draw(context, colour, width, place);
  }

  /** What the network sees, dark on white: Float32Array [side * side * channels]. */
  image([side, , channels]) {
    let canvas = blank(4 * side);
    this.drawCentred(canvas.getContext('2d'), 4 * side, '#000');
    for (const size of [2 * side, side]) {  // By halves, so that each pixel is a mean.
      const smaller = blank(size);
      smaller.getContext('2d').drawImage(canvas, 0, 0, size, size);
      canvas = smaller;
    }
    const { data } = canvas.getContext('2d').getImageData(0, 0, side, side);
    return Float32Array.from(
      { length: side * side * channels }, (_, i) => data[4 * Math.floor(i / channels)] / 255);
  }

  /** A small picture of the symbol for the list of answers. */
  thumbnail() {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 96;
    const colour = getComputedStyle(this.canvas).color;
    this.drawCentred(canvas.getContext('2d'), 96, colour);
    return canvas;
  }
}

function blank(side) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, side, side);
  context.imageSmoothingQuality = 'high';
  return canvas;
}
