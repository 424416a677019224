import { apiRoot } from '../api/client';
import { keyedFetch } from '../api/key';
import {
  AppBase, AppOptions, Asset, CameraComponentSystem, Color, createGraphicsDevice, Entity, GSplatComponentSystem, GSplatHandler,
  GSPLAT_STREAM_INSTANCE, Mat4, PIXELFORMAT_R16U, PIXELFORMAT_R8U, PIXELFORMAT_RGBA8U, Quat, Vec3 as EngineVec3, WORKBUFFER_UPDATE_ONCE,
  type GSplatComponent, type GSplatData, type GSplatResource,
} from 'playcanvas';
import { ballAround, columnsFrom, type Ball, type SplatColumns } from './columns';
import { attachGestures } from './gestures';
import { Listeners } from './Listeners';
import { Orbit } from './Orbit';
import { project, type Pinhole } from './pinhole';
import { ServerPicture } from './serverPicture';
import { combineNumber, modeNumber, modifier, noClusters, noneStandsOut, painted, paintedHidden, streamNames } from './shading';
import { surfaceDepth } from './surface';
import { Tally } from './Tally';
import type { ClusterPaint, Lighting, Mode, Paint, Viewer } from './Viewer';
import { dot, subtract, type Vec3 } from './vectors';

/** Fragments beyond this are not worth their cost on screens with very small pixels. */
const maxPixelRatio = 2;

export interface ViewerOptions {
  readonly sceneId: string;
  readonly views: readonly Pinhole[];
  readonly up: Vec3;
  /** Called with loaded and total bytes; the total is 0 where the server does not say it. */
  progress(loaded: number, total: number): void;
  /** Called with what went wrong after loading. */
  failed(message: string): void;
}

/** Draws the Gaussians in the browser with WebGL2. Only on demand: nothing is drawn while nothing changes. */
export class SplatViewer implements Viewer {
  private readonly cameras = new Listeners<[]>();
  private readonly clicks = new Listeners<[number, number, PointerEvent]>();
  private readonly orbit: Orbit;
  private readonly server: ServerPicture;
  private readonly detach: () => void;
  private readonly observer: ResizeObserver;
  private readonly scene: Ball;
  private mode: Mode = 'highlight';
  private lighting: Lighting = { scores: null, threshold: 192, base: null, combine: 'new' };
  private tally = new Tally(null, null, 0);
  private clusters: ClusterPaint | null = null;
  private waiting: (() => void)[] = [];

  private constructor(
    readonly element: HTMLElement,
    readonly columns: SplatColumns,
    private readonly app: AppBase,
    private readonly eye: Entity,
    private readonly splat: GSplatComponent,
    options: ViewerOptions) {
    this.scene = ballAround(columns, () => true) ?? { center: [0, 0, 0], radius: 1 };
    this.orbit = new Orbit(options.up, () => this.moved());
    this.server = new ServerPicture(options.sceneId, options.failed);
    this.server.image.hidden = true;
    element.append(this.server.image);
    this.detach = attachGestures(element, {
      orbit: this.orbit, click: (x, y, event) => this.clicks.call(x, y, event), frameAll: () => this.frameAll(),
    });
    app.systems.gsplat!.on('frame:request', () => this.draw());
    app.systems.gsplat!.on('frame:ready', (_camera, _layer, ready: boolean) => {
      if (ready) {
        this.waiting.splice(0).forEach((resolve) => resolve());
      }
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(element);
    this.resize();
    this.start(options.views);
  }

  static supported(): boolean {
    try {
      const context = document.createElement('canvas').getContext('webgl2');
      context?.getExtension('WEBGL_lose_context')?.loseContext();
      return context !== null;
    } catch {
      return false;
    }
  }

  /** @throws Error when the device or the file cannot be used; the element is then as it was. */
  static async create(element: HTMLElement, options: ViewerOptions): Promise<SplatViewer> {
    const canvas = document.createElement('canvas');
    canvas.className = 'viewer-canvas';
    element.prepend(canvas);
    let app: AppBase | null = null;
    try {
      const device = await createGraphicsDevice(canvas, { deviceTypes: ['webgl2'], antialias: false, powerPreference: 'high-performance' });
      const settings = new AppOptions();
      settings.graphicsDevice = device;
      settings.componentSystems = [CameraComponentSystem, GSplatComponentSystem];
      settings.resourceHandlers = [GSplatHandler];
      app = new AppBase(canvas);
      app.init(settings);
      app.autoRender = false;
      app.start();
      const { asset, columns } = await load(app, options);
      const eye = new Entity('eye');
      eye.addComponent('camera', { clearColor: new Color(0, 0, 0, 0), nearClip: 0.01, farClip: 1000 });
      app.root.addChild(eye);
      const resource = asset.resource as GSplatResource;
      resource.format!.addExtraStreams([
        { name: streamNames.score, format: PIXELFORMAT_R8U, storage: GSPLAT_STREAM_INSTANCE },
        { name: streamNames.base, format: PIXELFORMAT_R8U, storage: GSPLAT_STREAM_INSTANCE },
        { name: streamNames.paint, format: PIXELFORMAT_RGBA8U, storage: GSPLAT_STREAM_INSTANCE },
        { name: streamNames.cluster, format: PIXELFORMAT_R16U, storage: GSPLAT_STREAM_INSTANCE },
      ]);
      const entity = new Entity('splat');
      const splat = entity.addComponent('gsplat', { asset }) as GSplatComponent;
      app.root.addChild(entity);
      splat.setWorkBufferModifier({ glsl: modifier });
      return new SplatViewer(element, columns, app, eye, splat, options);
    } catch (error) {
      app?.destroy();
      canvas.remove();
      throw error;
    }
  }

  get camera(): Pinhole {
    return this.orbit.camera;
  }

  setMode(mode: Mode): void {
    this.mode = mode;
    this.pass();
  }

  setLighting(lighting: Lighting): void {
    if (lighting.scores !== this.lighting.scores && lighting.scores) {
      this.fill(streamNames.score, lighting.scores);
    }
    if (lighting.base !== this.lighting.base) {
      this.fill(streamNames.base, lighting.base ?? new Uint8Array(this.columns.count));
    }
    if (!this.tally.isOf(lighting)) {
      this.tally = new Tally(lighting.scores, lighting.base, this.columns.count);
    }
    this.lighting = lighting;
    this.pass();
  }

  setPaint(paint: readonly Paint[]): void {
    const texels = new Uint8Array(4 * this.columns.count);
    for (const { members, color, hidden } of paint) {
      for (let i = 0; i < members.length; i++) {
        if (members[i] === 1) {
          texels.set(color, 4 * i);
          texels[4 * i + 3] = hidden ? paintedHidden : Math.max(texels[4 * i + 3]!, painted);
        }
      }
    }
    this.fill(streamNames.paint, texels);
    this.pass();
  }

  setClusters(clusters: ClusterPaint | null): void {
    if (clusters && clusters.labels !== this.clusters?.labels) {
      this.fill(streamNames.cluster, clusters.labels);
    }
    this.clusters = clusters;
    this.pass();
  }

  onCamera(listener: () => void): () => void {
    return this.cameras.add(listener);
  }

  onClick(listener: (x: number, y: number, event: PointerEvent) => void): () => void {
    return this.clicks.add(listener);
  }

  flyTo(view: Pinhole): void {
    const seen = surfaceDepth(this.columns, view, view.width / 2, view.height / 2);
    this.orbit.flyToView(view, seen ?? this.scene.radius);
  }

  frame(ball: Ball): void {
    this.orbit.frame(ball);
  }

  frameAll(): void {
    this.orbit.frame(this.scene);
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.draw();
    });
  }

  dispose(): void {
    this.detach();
    this.observer.disconnect();
    this.orbit.stop();
    this.server.clear();
    this.server.image.remove();
    const canvas = this.app.graphicsDevice.canvas;
    this.app.destroy();
    canvas.remove();
  }

  /** Begins where a view was taken: from there the capture looks its best. */
  private start(views: readonly Pinhole[]): void {
    const first = views[0];
    if (first) {
      this.flyTo(first);
    } else {
      this.frameAll();
    }
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth > 0 && clientHeight > 0) {
      const ratio = Math.min(devicePixelRatio, maxPixelRatio);
      this.app.graphicsDevice.setResolution(Math.round(clientWidth * ratio), Math.round(clientHeight * ratio));
      this.orbit.resize(clientWidth, clientHeight);
    }
  }

  private moved(): void {
    const { eye, right, down, forward } = this.orbit.current;
    const camera = this.eye.camera!;
    const matrix = new Mat4();
    matrix.set([...right, 0, ...down.map((v) => -v), 0, ...forward.map((v) => -v), 0, 0, 0, 0, 1]);
    this.eye.setPosition(new EngineVec3(eye[0], eye[1], eye[2]));
    this.eye.setRotation(new Quat().setFromMat4(matrix));
    camera.fov = this.orbit.fovYDegrees;
    camera.aspectRatioMode = 1;
    camera.aspectRatio = this.camera.width / this.camera.height;
    const away = Math.max(project(this.camera, this.scene.center).depth, 0);
    camera.farClip = 2 * away + 100 * this.scene.radius;
    camera.nearClip = Math.max(camera.farClip * 1e-5, 1e-4);
    if (this.mode === 'depth') {
      this.pass();
    }
    if (this.mode === 'features') {
      this.server.image.hidden = true;
      this.server.show(this.camera, 'features');
    }
    this.cameras.call();
    this.draw();
  }

  /** Sends the uniforms and has the Gaussians recoloured. */
  private pass(): void {
    const { scores, threshold, combine } = this.lighting;
    const { eye, forward } = this.orbit.current;
    const middle = dot(subtract(this.scene.center, eye), forward);
    const set = (name: string, value: number | number[]) => this.splat.setParameter(name, value);
    set('sagaThreshold', threshold);
    set('sagaMode', modeNumber[this.mode]);
    set('sagaCombine', combineNumber[combine]);
    set('sagaPrompted', scores ? 1 : 0);
    set('sagaAnyLit', this.tally.lit(this.lighting) > 0 ? 1 : 0);
    set('sagaLitCluster', this.clusters ? this.clusters.lit ?? noneStandsOut : noClusters);
    set('sagaEye', [...eye]);
    set('sagaForward', [...forward]);
    set('sagaDepths', [Math.max(0, middle - this.scene.radius), middle + this.scene.radius]);
    this.splat.workBufferUpdate = WORKBUFFER_UPDATE_ONCE;
    if (this.mode === 'features') {
      this.server.show(this.camera, 'features');
    } else {
      this.server.clear();
    }
    this.draw();
  }

  private fill(stream: string, values: Uint8Array | Uint16Array): void {
    const texture = this.splat.getInstanceTexture(stream);
    if (texture) {
      (texture.lock() as Uint8Array | Uint16Array).set(values);
      texture.unlock();
    }
  }

  private draw(): void {
    this.app.renderNextFrame = true;
  }
}

async function load(app: AppBase, { sceneId, progress }: ViewerOptions): Promise<{ asset: Asset; columns: SplatColumns }> {
  const { url, response } = await fetchPly(sceneId);

  // Index i must stay record i of the file: every mask and score counts that way.
  const asset = new Asset('scene', 'gsplat', { url, filename: 'scene.ply', contents: response as never }, { reorder: false, decompress: true } as never);
  let columns: SplatColumns | null = null;
  let problem: unknown = null;
  asset.on('progress', progress);
  asset.on('load:data', (read: GSplatData & { decompress?: () => GSplatData }) => {
    try {
      const data = read.isCompressed && read.decompress ? read.decompress() : read;
      columns = columnsFrom(data.numSplats, (name) => data.getProp(name));
    } catch (error) {
      problem = error;
    }
  });
  await new Promise<void>((resolve, reject) => {
    asset.ready(() => resolve());
    asset.once('error', (message: unknown) => reject(new Error(`The Gaussians cannot be shown: ${String(message)}`)));
    app.assets.add(asset);
    app.assets.load(asset);
  });
  if (!columns) {
    throw problem ?? new Error('The Gaussians hold nothing that the page can show.');
  }
  return { asset, columns };
}

/** The uploaded file where the viewer reads it, which is least to send; a .ply that the server makes of it otherwise. */
async function fetchPly(sceneId: string): Promise<{ url: string; response: Response }> {
  const uploaded = `${apiRoot}/scenes/${sceneId}/gaussians`;
  const converted = `${uploaded}?format=ply`;
  const first = await keyedFetch(uploaded);
  const isPly = first.ok && /(^|\.)ply$/.test(first.headers.get('X-Gaussian-Format') ?? '');
  if (!isPly) {
    await first.body?.cancel();
  }

  const response = isPly ? first : await keyedFetch(converted);
  if (!response.ok) {
    throw new Error(`The Gaussians could not be read: the server answered ${response.status}.`);
  }
  return { url: isPly ? uploaded : converted, response };
}
