/** The element `<ganzoo-live>`: one latent in all classes of a model, live; nothing until a click. */

const STYLE = `
:host { display: block; font: 15px/1.45 system-ui, sans-serif; }
.row { display: grid; gap: 3px; grid-template-columns: repeat(10, minmax(0, 1fr)); touch-action: pan-y; }
canvas { aspect-ratio: 1; background: #000; border-radius: 5px; display: block;
  image-rendering: pixelated; width: 100%; }
p { align-items: center; display: flex; flex-wrap: wrap; gap: 8px 16px; margin: 12px 0 0; }
span { flex: 1 1 16em; }
@media (max-width: 34rem) { .row { grid-template-columns: repeat(5, minmax(0, 1fr)); } }
button { background: light-dark(#c63d10, #ff9466); border: 0; border-radius: 8px;
  color: light-dark(#fff, #2a0f04); cursor: pointer; font: 600 16px system-ui, sans-serif;
  min-height: 44px; padding: 8px 20px; }
button:focus-visible { outline: 3px solid light-dark(#c63d10, #ff9466); outline-offset: 2px; }
button:disabled { opacity: 0.6; }`;
const REACH = 2.5; // how far the edge of the picture is from its middle
const LAP = 12; // seconds, of the round that it goes by itself
const LAPS = 3; // after which it rests

/** @typedef {import("./painter.js").Listed} Listed */

class Live {
  /** @param {ShadowRoot} root */
  constructor(root) {
    root.innerHTML = `<style>${STYLE}</style><div class="row" role="img"></div>
      <p><button type="button">Draw, here and now</button><span role="status"></span></p>`;
    this.row = /** @type {HTMLElement} */ (root.querySelector(".row"));
    this.button = /** @type {HTMLButtonElement} */ (root.querySelector("button"));
    this.status = /** @type {HTMLElement} */ (root.querySelector("span"));
    this.base = new URL(".", import.meta.url);
    this.place = [0, 0];
    this.held = false; // by a pointer
    this.seed = 0;
    this.begin().catch(() => root.host.remove()); // a front page goes on without
  }

  async begin() {
    const { poster } = await import("./pictures.js");
    const { Painter, site } = await import("./painter.js");
    const { runtime, models } = await site(this.base);
    const model = models.find(({ record }) => record.num_classes);
    if (!runtime || !model) throw new Error("There is nothing to draw with.");
    this.painter = new Painter(this.base, runtime);
    const count = Math.min(10, model.record.num_classes ?? 0);
    this.canvases = Array.from({ length: count }, () => document.createElement("canvas"));
    this.row.replaceChildren(...this.canvases);
    this.row.ariaLabel = `One image of each class, drawn by the preset ${model.name}`;
    await poster(new URL(model.poster, this.base), model.record.image_shape, this.canvases);
    const size = ((runtime.size + model.size) / 1e6).toFixed(1);
    this.status.textContent = `By a generator in this page: ${size} MB, fetched once. No server.`;
    this.button.onclick = () => this.open(model);
  }

  /** @param {Listed} model */
  async open(model) {
    this.button.disabled = true;
    try {
      this.record = await this.painter?.openListed(model, (share) => {
        this.status.textContent = `Fetching: ${Math.round(share * 100)} %`;
      });
    } catch (error) {
      this.status.textContent = String(error instanceof Error ? error.message : error);
      this.button.disabled = false;
      return;
    }
    this.button.disabled = false;
    this.button.textContent = "Another hand";
    this.button.onclick = () => this.another();
    this.status.textContent = "Move over the digits: one hand writes all of them.";
    this.follow();
    await this.another();
    this.go();
  }

  follow() {
    this.row.onpointermove = ({ clientX, clientY }) => {
      const { x, y, width, height } = this.row.getBoundingClientRect();
      this.held = true;
      this.place = [(clientX - x) / width, (clientY - y) / height].map(
        (share) => (2 * share - 1) * REACH,
      );
      this.draw?.();
    };
    this.row.onpointerleave = () => {
      this.held = false;
    };
  }

  async another() {
    const { latents } = await import("./latents.js");
    const { gone, orthogonal } = await import("./ways.js");
    const { paint } = await import("./pictures.js");
    const { latest } = await import("./latest.js");
    const { record, painter, canvases } = this;
    if (!record || !painter || !canvases) return;
    const latent = latents(1, record.latent_dim, ++this.seed);
    const plane = (record.directions ?? orthogonal(record.latent_dim)).slice(0, 2);
    this.draw = latest(async () => {
      const here = gone(latent, plane, this.place);
      const labels = canvases.map((_, label) => label);
      const drawn = await painter.draw(
        record,
        labels.map(() => here),
        labels,
      );
      canvases.forEach((canvas, i) => {
        paint(canvas, drawn[i], record.image_shape);
      });
    });
    await this.draw();
  }

  /** Go round by itself, for those who like motion, while it is seen. */
  go() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const begun = performance.now();
    let seen = true;
    new IntersectionObserver(([{ isIntersecting }]) => {
      seen = isIntersecting;
    }).observe(this.row);
    const step = (/** @type {number} */ now) => {
      const laps = (now - begun) / 1000 / LAP;
      const turn = laps * 2 * Math.PI;
      if (seen && !this.held) {
        this.place = [REACH * Math.sin(turn), REACH * Math.sin(2 * turn) * 0.7];
        this.draw?.();
      }
      if (laps < LAPS) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}

customElements.define(
  "ganzoo-live",
  class extends HTMLElement {
    connectedCallback() {
      if (!this.shadowRoot) new Live(this.attachShadow({ mode: "open" }));
    }
  },
);
