// A learner's LiteRT file in the browser. See learner.json for what its sizes mean.
import { Tensor, loadAndCompile, loadLiteRt } from './litert/core.js';

export class Learner {
  /** Loads the file and what runs it. */
  static async load() {
    const settings = await (await loaded('learner.json')).json();
    await loadLiteRt(new URL('litert/', document.baseURI).href);
    const file = new Uint8Array(await (await loaded('learner.tflite')).arrayBuffer());
    const options = { accelerator: 'wasm', cpuOptions: { numThreads: 1 } };
    const learner = new Learner(await loadAndCompile(file, options), settings);
    // The browser compiles twice, and the second time takes a first call.
    await learner.learn([learner.emptyImage(), learner.emptyImage()], [0, 1], { steps: 1 });
    learner.forget();
    return learner;
  }

  constructor(model, settings) {
    this.model = model;
    this.settings = settings;
    this.pixels = settings.image_shape.reduce((product, n) => product * n, 1);
    this.shapes = {};
    for (const [name, signature] of Object.entries(model.signatures)) {
      const inputs = signature.getInputDetails();
      this.shapes[name] = Object.fromEntries(inputs.map((i) => [i.name, [...i.shape]]));
    }
    this.learned = null;
  }

  emptyImage() {
    return new Float32Array(this.pixels).fill(1);
  }

  forget() {
    this.learned = null;
  }

  /**
   * Learns classes from images of them.
   * images: Float32Arrays [H*W*C] in [0, 1]; labels: of each, from 0 on without a gap.
   */
  async learn(images, labels, { steps, progress } = {}) {
    const { settings } = this;
    const classes = Math.max(...labels) + 1;
    const shown = ones(settings.ways, classes);
    const inLearning = settings.shared_head ? shown : ones(settings.ways, settings.ways);
    const size = settings.batch_sizes[classes];
    const ofPasses = Math.ceil(settings.support_passes * images.length / size);
    steps ??= Math.max(settings.inner_iterations, ofPasses);
    const next = settings.class_balanced_batches ? turns(labels, classes) : shuffles(labels);
    let state = await this.call('start', { zero: new Float32Array(1) });
    for (let step = 0; step < steps; step++) {
      const rows = Array.from({ length: size }, next);
      const batch = this.places(rows.map((row) => images[row]), settings.batch_size);
      const numbers = new Int32Array(settings.batch_size);
      rows.forEach((row, place) => { numbers[place] = labels[row]; });
      const { loss, ...changed } = await this.call('step', {
        images: batch.pixels, labels: numbers, present: batch.present, shown: inLearning,
        ...state,
      });
      state = changed;
      progress?.(step + 1, steps);
      await new Promise((resolve) => setTimeout(resolve));  // The page lives on.
    }
    const support = this.places(images, settings.support_size);
    this.learned = { weights: state.weights, support, shown, classes };
  }

  /** The probability of each class for an image, in the order of the labels. */
  async predict(image) {
    const { weights, support, shown, classes } = this.learned;
    const { probabilities } = await this.call('predict', {
      weights, support: support.pixels, present: support.present, query: image, shown,
    });
    return [...probabilities].slice(0, classes);
  }

  /** Images in the first of so many places, and which places hold one. */
  places(images, number) {
    const pixels = new Float32Array(number * this.pixels);
    images.forEach((image, place) => pixels.set(image, place * this.pixels));
    return { pixels, present: ones(number, images.length) };
  }

  async call(signature, inputs) {
    const shapes = this.shapes[signature];
    const given = {};
    for (const [name, values] of Object.entries(inputs)) {
      given[name] = new Tensor(values, shapes[name]);
    }
    const found = {};
    for (const [name, tensor] of Object.entries(await this.model.run(signature, given))) {
      found[name] = (await tensor.data()).slice();
      tensor.delete();
    }
    Object.values(given).forEach((tensor) => tensor.delete());
    return found;
  }
}

async function loaded(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response;
}

function ones(length, number) {
  return Float32Array.from({ length }, (_, i) => (i < number ? 1 : 0));
}

/** Numbers of images, each once in every shuffle. */
function shuffles(rows) {
  let left = [];
  return () => {
    if (!left.length) left = shuffled([...rows.keys()]);
    return left.pop();
  };
}

/** Numbers of images whose classes take turns, each shuffled on its own. */
function turns(labels, classes) {
  const each = Array.from({ length: classes }, (_, label) => {
    const rows = [...labels.keys()].filter((row) => labels[row] === label);
    const next = shuffles(rows);
    return () => rows[next()];
  });
  let turn = 0;
  return () => each[turn++ % classes]();
}

function shuffled(values) {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}
