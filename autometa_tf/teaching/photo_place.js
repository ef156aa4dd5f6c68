// A place for photos: files, or what the camera sees.

const THUMBNAIL = 96;
const KEPT = 384;  // Pixels of a side of what is kept of a photo.

/** The camera, one for the whole page. */
export class Camera {
  constructor(video, onChange) {
    this.video = video;
    this.onChange = onChange;
    this.stream = null;
  }

  static get isThere() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  get isOn() {
    return Boolean(this.stream) && this.video.videoWidth > 0;
  }

  async toggle() {
    if (this.stream) {
      this.stream.getTracks().forEach((track) => track.stop());
      this.stream = this.video.srcObject = null;
    } else {
      const wanted = { video: { facingMode: 'environment' }, audio: false };
      this.stream = await navigator.mediaDevices.getUserMedia(wanted);
      this.video.srcObject = this.stream;
      await this.video.play();
    }
    this.onChange();
  }
}

/** Photos of one class, or the one that is asked about. */
export class PhotoPlace {
  constructor({ most, onChange = () => {} }) {
    this.most = most;
    this.onChange = onChange;
    this.pictures = [];  // Canvases of the photos, squeezed into squares.
  }

  get isEmpty() {
    return !this.pictures.length;
  }

  clear() {
    this.pictures = [];
    this.onChange();
  }

  /** Adds images or the video's frame; of too many the first go. */
  add(source) {
    this.pictures.push(squeezed(source, KEPT));
    this.pictures = this.pictures.slice(-this.most);
    this.onChange();
  }

  /** Adds files; returns the names of those that are no images. */
  async addFiles(files) {
    const bad = [];
    for (const file of files) {
      try {
        this.add(await createImageBitmap(file));
      } catch {
        bad.push(file.name);
      }
    }
    return bad;
  }

  images(shape) {
    return this.pictures.map((picture) => pixelsOf(picture, shape));
  }

  thumbnail() {
    return this.pictures.length ? squeezed(this.pictures[0], THUMBNAIL) : blank(THUMBNAIL);
  }
}

/** What the network sees: Float32Array [H * W * C]; squeezed where it is not square. */
export function pixelsOf(source, [height, width, channels]) {
  let picture = source;
  for (let side = 4 * Math.max(height, width); side > Math.max(height, width); side /= 2) {
    picture = squeezed(picture, side);  // By halves, so that each pixel is a mean.
  }
  const canvas = blank(width, height);
  canvas.getContext('2d').drawImage(picture, 0, 0, width, height);
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const found = new Float32Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const [red, green, blue] = data.subarray(4 * i, 4 * i + 3);
    const values = channels === 1 ? [0.299 * red + 0.587 * green + 0.114 * blue]
      : [red, green, blue];
    values.forEach((value, channel) => { found[i * channels + channel] = value / 255; });
  }
  return found;
}

function squeezed(source, side) {
  const canvas = blank(side, side);
  canvas.getContext('2d').drawImage(source, 0, 0, side, side);
  return canvas;
}

function blank(width, height = width) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  return canvas;
}
