// What one sees: places to teach, what is learning, and an answer while one asks.
import { Learner } from './learner.js';
import { DrawingPad } from './drawing_pad.js';
import { Camera, PhotoPlace, pixelsOf } from './photo_place.js';

const FIRST_CLASSES = 5;
const LIVE = 250;  // Milliseconds between answers about what the camera sees.

const byId = (id) => document.getElementById(id);
const drawings = document.body.dataset.kind === 'drawings';
const thing = drawings ? 'symbol' : 'thing';
const places = [];  // In the order of the page: { element, place, name }.
const asked = {};  // What is asked about.
let learner = null;
let learning = false;
let learnedFrom = [];  // The places whose classes were learned, in their order.
let isOutdated = false;

function say(text, isWarning = false) {
  byId('status').textContent = text;
  byId('status').classList.toggle('warn', isWarning);
}

function make(tag, properties = {}, children = []) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function clearButton(label, clear) {
  const button = make('button', { className: 'clear', type: 'button', textContent: 'clear', onclick: clear });
  button.setAttribute('aria-label', label);
  return button;
}

// ---- Places to teach

function addClass() {
  const number = places.length + 1;
  const element = make('li', { className: 'class' });
  const entry = { element, name: () => `${thing} ${number}` };
  const changed = () => {
    element.classList.toggle('filled', !entry.place.isEmpty);
    isOutdated = true;
    if (learnedFrom.length && !learning) say('Changed since it learned: press Learn again.');
    settle();
  };
  const label = `${thing} ${number}`;
  if (drawings) {
    const canvas = make('canvas');
    canvas.setAttribute('aria-label', `Draw ${label}`);
    entry.place = new DrawingPad(canvas, { onChange: changed });
    entry.images = () => [entry.place.image(learner.settings.image_shape)];
    element.append(canvas);
  } else {
    addPhotos(entry, label, changed);
  }
  // Below, since a button in a box would be in the way of whoever draws there.
  const clear = clearButton(`Clear ${label}`, () => entry.place.clear());
  element.append(make('div', { className: 'caption' }, [
    make('span', { textContent: drawings ? number : '' }), clear,
  ]));
  places.push(entry);
  byId('classes').append(element);
  settle();
}

function addPhotos(entry, label, changed) {
  const strip = make('div', { className: 'photo' });
  entry.place = new PhotoPlace({
    most: learner.settings.shots,
    onChange: () => { strip.replaceChildren(...entry.place.pictures); changed(); },
  });
  entry.images = () => entry.place.images(learner.settings.image_shape);
  const name = make('input', { type: 'text', placeholder: label, maxLength: 40 });
  name.setAttribute('aria-label', `Name of ${label}`);
  name.oninput = () => showAnswers(asked.probabilities);
  entry.name = () => name.value.trim() || label;
  const snap = make('button', { type: 'button', textContent: 'Snap', className: 'snap' });
  snap.onclick = () => entry.place.add(asked.camera.video);
  const files = filesButton('Photos', true, entry.place);
  entry.element.append(strip, name, make('div', { className: 'small' }, [files, snap]));
}

function filesButton(text, several, place) {
  const input = make('input', { type: 'file', accept: 'image/*', multiple: several });
  input.onchange = async () => {
    const bad = await place.addFiles(input.files);
    if (bad.length) say(`No photos: ${bad.join(', ')}.`, true);
    input.value = '';
  };
  return make('label', { className: 'button' }, [make('span', { textContent: text }), input]);
}

// ---- The one that is asked about

function addQuery() {
  if (drawings) {
    const canvas = make('canvas');
    canvas.setAttribute('aria-label', 'Draw one of them again');
    asked.place = new DrawingPad(canvas, { onChange: ask, startsAnew: true });
    asked.image = () => asked.place.image(learner.settings.image_shape);
    const clear = clearButton('Clear the drawing', () => asked.place.clear());
    byId('query').append(canvas, make('div', { className: 'caption' }, [make('span'), clear]));
    return;
  }
  const strip = make('div', { className: 'photo' });
  const video = make('video', { muted: true, playsInline: true, hidden: true });
  asked.place = new PhotoPlace({
    most: 1, onChange: () => { strip.replaceChildren(...asked.place.pictures); ask(); },
  });
  asked.camera = new Camera(video, () => {
    [video.hidden, strip.hidden] = [!asked.camera.stream, Boolean(asked.camera.stream)];
    settle();
    ask();
  });
  asked.image = () => (asked.camera.isOn
    ? pixelsOf(video, learner.settings.image_shape)
    : asked.place.images(learner.settings.image_shape)[0]);
  const toggle = make('button', { type: 'button', textContent: 'Camera', hidden: !Camera.isThere });
  toggle.onclick = () => asked.camera.toggle().catch((error) => say(`No camera: ${error.message}.`, true));
  const files = filesButton('Photo', false, asked.place);
  byId('query').append(strip, video, make('div', { className: 'small' }, [files, toggle]));
  setInterval(() => { if (asked.camera.isOn) ask(); }, LIVE);
}

// ---- Learning

async function learn() {
  const filled = places.filter((entry) => !entry.place.isEmpty);
  if (!learner || learning) return;
  if (filled.length < 2) {
    say(`It takes at least two ${thing}s to tell apart: so far there ${filled.length ? 'is one' : 'are none'}.`, true);
    return;
  }
  learning = true;
  isOutdated = false;
  settle();
  const began = performance.now();
  try {
    const [images, labels] = [[], []];
    filled.forEach((entry, label) => {
      for (const image of entry.images()) [images[images.length], labels[labels.length]] = [image, label];
    });
    const thumbnails = filled.map((entry) => entry.place.thumbnail());
    await learner.learn(images, labels, { progress: showProgress });
    learnedFrom = filled;
    buildAnswers(thumbnails);
    const took = (performance.now() - began) / 1000;
    byId('took').textContent = `Learning took ${took.toFixed(1)} s.`;
    const now = drawings ? 'Now draw one of them again.' : 'Now show it another photo.';
    say(`It has learned ${filled.length} ${thing}s. ${isOutdated ? 'Some changed meanwhile: press Learn again.' : now}`);
  } catch (error) {
    say(`It could not learn: ${error.message ?? error}.`, true);
  }
  learning = false;
  settle();
  ask();
}

function showProgress(done, total) {
  const part = Math.round((100 * done) / total);
  byId('progress').setAttribute('aria-valuenow', part);
  byId('progress').firstElementChild.style.width = `${part}%`;
  if (learning) byId('learn').textContent = `Learning ${done} of ${total}`;
}

// ---- Answers

let isAsking = false;
let askAgain = false;

/** Answers as often as it can while one draws, about what is there at the time. */
async function ask() {
  if (asked.place && !asked.camera) byId('query').classList.toggle('filled', !asked.place.isEmpty);
  const isThere = asked.camera?.isOn || !asked.place?.isEmpty;
  if (!learner || learning || !isThere) { showAnswers(null); return; }
  if (!learner.learned) {
    say(`Teach it first: at least two ${thing}s, then Learn. What you ask stays here.`);
    return;
  }
  if (isAsking) { askAgain = true; return; }
  isAsking = true;
  try {
    do {
      askAgain = false;
      showAnswers(await learner.predict(asked.image()));
      await new Promise((resolve) => setTimeout(resolve));
    } while (askAgain && learner.learned && !learning && !asked.place.isEmpty);
  } catch (error) {
    say(`It could not answer: ${error.message ?? error}.`, true);
  } finally {
    isAsking = false;
  }
}

function buildAnswers(thumbnails) {
  byId('answers').replaceChildren(...learnedFrom.map((_, i) => make('li', {}, [
    thumbnails[i],
    make('div', {}, [
      make('div', { className: 'name', hidden: drawings }),
      make('div', { className: 'bar' }, [make('i')]),
    ]),
    make('span', { className: 'percent' }),
  ])));
  showAnswers(null);
}

function showAnswers(probabilities) {
  asked.probabilities = probabilities;
  const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
  [...byId('answers').children].forEach((row, i) => {
    const part = probabilities ? Math.round(100 * probabilities[i]) : 0;
    row.classList.toggle('best', i === best);
    row.querySelector('.bar i').style.width = `${part}%`;
    row.querySelector('.percent').textContent = probabilities ? `${part}%` : '';
    row.querySelector('.name').textContent = learnedFrom[i].name();
  });
}

// ---- The whole

function settle() {
  const most = learner?.settings.ways ?? FIRST_CLASSES;
  byId('learn').disabled = !learner || learning;
  if (!learning) byId('learn').textContent = 'Learn';
  byId('add').disabled = learning || places.length >= most;
  byId('clear').disabled = learning;
  document.querySelectorAll('.snap').forEach((button) => {
    [button.hidden, button.disabled] = [!Camera.isThere, !asked.camera?.isOn];
  });
}

async function begin() {
  if (drawings) {  // One may draw before all is loaded.
    addQuery();
    for (let i = 0; i < FIRST_CLASSES; i++) addClass();
  }
  say('Loading the network and what runs it …');
  try {
    learner = await Learner.load();
  } catch (error) {
    say(`It could not be loaded: ${error.message ?? error}.`, true);
    return;
  }
  if (!drawings) addQuery();
  const wanted = Math.min(drawings ? FIRST_CLASSES : 3, learner.settings.ways);
  while (places.length < wanted) addClass();
  while (places.length > learner.settings.ways) places.pop().element.remove();
  say(drawings ? 'Ready. Draw two symbols or more, then press Learn.'
    : 'Ready. Show it two things or more, then press Learn.');
  settle();
}

byId('learn').onclick = learn;
byId('add').onclick = addClass;
byId('clear').onclick = () => {
  places.forEach((entry) => entry.place.clear());
  asked.place?.clear();
  learner?.forget();
  learnedFrom = [];
  byId('answers').replaceChildren();
  showProgress(0, 1);
  if (learner) say('All is clear.');
};
begin();
