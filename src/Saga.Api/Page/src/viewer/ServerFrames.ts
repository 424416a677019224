import { apiRoot } from '../api/client';
import { keyedFetch } from '../api/key';
import { ballAround, type Ball, type SplatColumns } from './columns';
import { attachGestures } from './gestures';
import { Listeners } from './Listeners';
import { Orbit } from './Orbit';
import type { Pinhole } from './pinhole';
import { readPly } from './ply';
import { nearestDots, paintDots } from './pointPicture';
import { ServerPicture } from './serverPicture';
import { tint, tintStrength } from './shading';
import type { ViewerOptions } from './SplatViewer';
import { surfaceDepth } from './surface';
import { isLit, type ClusterPaint, type Lighting, type Mode, type Paint, type Viewer } from './Viewer';

/**
 * For browsers without WebGL2: frames drawn by the server, and what is selected as dots over them. Where the Gaussians cannot be
 * read here the frames are there all the same, without the dots.
 */
export class ServerFrames implements Viewer {
  private readonly cameras = new Listeners<[]>();
  private readonly clicks = new Listeners<[number, number, PointerEvent]>();
  private readonly orbit: Orbit;
  private readonly server: ServerPicture;
  private readonly overlay = document.createElement('canvas');
  private readonly detach: () => void;
  private readonly observer: ResizeObserver;
  private readonly scene: Ball;
  private mode: Mode = 'highlight';
  private lighting: Lighting = { scores: null, threshold: 192, base: null, combine: 'new' };
  private paint: readonly Paint[] = [];
  private clusters: ClusterPaint | null = null;
  private drawing = 0;

  private constructor(readonly element: HTMLElement, readonly columns: SplatColumns | null, bounds: Ball, options: ViewerOptions) {
    this.scene = (columns && ballAround(columns, () => true)) ?? bounds;
    this.orbit = new Orbit(options.up, () => this.moved());
    this.server = new ServerPicture(options.sceneId, options.failed);
    this.overlay.className = 'viewer-overlay';
    element.prepend(this.server.image, this.overlay);
    this.detach = attachGestures(element, {
      orbit: this.orbit, click: (x, y, event) => this.clicks.call(x, y, event), frameAll: () => this.frameAll(),
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(element);
    this.resize();
    const first = options.views[0];
    if (first) {
      this.flyTo(first);
    } else {
      this.frameAll();
    }
  }

  /** @param bounds Where the scene lies, for when its Gaussians cannot be read here. */
  static async create(element: HTMLElement, bounds: Ball, options: ViewerOptions): Promise<ServerFrames> {
    let columns: SplatColumns | null = null;
    try {
      const response = await keyedFetch(`${apiRoot}/scenes/${options.sceneId}/gaussians?format=ply`);
      columns = response.ok ? readPly(await response.arrayBuffer()) : null;
    } catch (error) {
      options.failed((error as Error).message);
    }
    return new ServerFrames(element, columns, bounds, options);
  }

  get camera(): Pinhole {
    return this.orbit.camera;
  }

  setMode(mode: Mode): void {
    this.mode = mode;
    this.show();
  }

  setLighting(lighting: Lighting): void {
    this.lighting = lighting;
    this.show();
  }

  setPaint(paint: readonly Paint[]): void {
    this.paint = paint;
    this.show();
  }

  setClusters(clusters: ClusterPaint | null): void {
    this.clusters = clusters;
    this.show();
  }

  onCamera(listener: () => void): () => void {
    return this.cameras.add(listener);
  }

  onClick(listener: (x: number, y: number, event: PointerEvent) => void): () => void {
    return this.clicks.add(listener);
  }

  flyTo(view: Pinhole): void {
    const seen = this.columns && surfaceDepth(this.columns, view, view.width / 2, view.height / 2);
    this.orbit.flyToView(view, seen ?? this.scene.radius);
  }

  frame(ball: Ball): void {
    this.orbit.frame(ball);
  }

  frameAll(): void {
    this.orbit.frame(this.scene);
  }

  settled(): Promise<void> {
    return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
  }

  dispose(): void {
    this.detach();
    this.observer.disconnect();
    this.orbit.stop();
    cancelAnimationFrame(this.drawing);
    this.server.clear();
    this.server.image.remove();
    this.overlay.remove();
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth > 0 && clientHeight > 0) {
      this.orbit.resize(clientWidth, clientHeight);
    }
  }

  private moved(): void {
    this.cameras.call();
    this.show();
  }

  private show(): void {
    if (this.mode === 'clusters' && this.clusters) {
      this.server.show(this.camera, 'clusters', this.clusters.scale);
    } else {
      this.server.show(this.camera, this.mode === 'depth' || this.mode === 'features' ? this.mode : 'rgb');
    }
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.drawDots());
  }

  /** What is selected, and the cluster that stands out. */
  private litWithCluster(): Lighting {
    const { lighting, clusters } = this;
    const base = new Uint8Array(this.columns?.count ?? 0);
    for (let i = 0; i < base.length; i++) {
      base[i] = isLit(lighting, i) || (clusters !== null && clusters.labels[i] === clusters.lit) ? 1 : 0;
    }
    return { scores: null, threshold: lighting.threshold, base, combine: 'new' };
  }

  private drawDots(): void {
    const { width, height } = this.camera;
    this.overlay.width = width;
    this.overlay.height = height;
    const plainly = this.mode === 'colour' || this.mode === 'depth' || this.mode === 'features';
    if (!this.columns || plainly) {
      return;
    }
    const { mode } = this;
    const lighting = mode === 'clusters' ? this.litWithCluster() : this.lighting;
    const paint = mode === 'clusters' ? [] : this.paint;
    const orange = tint.map((value) => 255 * value) as [number, number, number];
    const wanted = mode === 'isolate' ? true : mode === 'hide' ? false : null;
    const dots = nearestDots(this.columns, this.camera, width, height, (i) => wanted === null || isLit(lighting, i) === wanted);
    const picture = paintDots(this.columns, dots, width, height, (i, plain) => {
      if (mode === 'heat') {
        const score = lighting.scores?.[i] ?? 0;
        return [score, score * 0.6, 255 - score, 220];
      }
      if (wanted !== null) {
        return [...plain, 255];
      }
      const segment = paint.find((one) => one.members[i] === 1);
      // Transparent dots still hide what is behind them, as the surface does.
      return isLit(lighting, i) ? [...orange, 255 * tintStrength]
        : segment && !segment.hidden ? [...segment.color, 115] : [0, 0, 0, 0];
    });
    const pen = this.overlay.getContext('2d')!;
    pen.putImageData(picture, 0, 0);
    if (wanted !== null) {
      // These modes show what the server's frame does not leave out: the dots alone.
      pen.globalCompositeOperation = 'destination-over';
      pen.fillStyle = '#101418';
      pen.fillRect(0, 0, width, height);
    }
  }
}
