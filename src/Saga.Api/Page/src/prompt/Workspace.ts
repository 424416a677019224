import { effect, signal } from '@preact/signals';
import type { Scene, View } from '../api/types';
import { nameOf, pathOf, scenePathOf, type FileChoice } from '../export/files';
import { decompose } from '../clusters/calls';
import { Clusters } from '../clusters/Clusters';
import { showError, showInfo } from '../shell/toasts';
import { ballAround } from '../viewer/columns';
import { unproject } from '../viewer/pinhole';
import { surfaceDepth } from '../viewer/surface';
import { isLit, type Mode, type Viewer } from '../viewer/Viewer';
import { length, subtract, type Vec3 } from '../viewer/vectors';
import { wordCalls } from '../words/calls';
import { Words } from '../words/Words';
import { PromptCalls } from './calls';
import { History } from './History';
import { countOf } from './members';
import { exportName, Segments } from './Segments';
import { Session } from './Session';

/** One open scene: what is prompted, what is kept, what is shown, and what a person can do with all of it. */
export class Workspace {
  readonly history = new History(showError);
  readonly session: Session;
  readonly segments: Segments;
  readonly clusters: Clusters;
  readonly words: Words;
  readonly mode = signal<Mode>('highlight');
  readonly sign = signal(true);
  readonly viewer = signal<Viewer | null>(null);
  readonly loading = signal<number | null>(0);
  readonly exporting = signal(false);
  readonly calls: PromptCalls;
  private readonly ends: (() => void)[] = [];

  constructor(readonly scene: Scene, readonly views: readonly View[]) {
    this.calls = new PromptCalls(scene.id, scene.gaussianCount);
    this.session = new Session(this.calls, this.history, scene.gaussianCount, showError);
    this.segments = new Segments(this.calls, this.history);
    this.clusters = new Clusters(
      (scale) => decompose(scene.id, scene.gaussianCount, scale),
      () => (this.mode.value === 'clusters' && scene.model ? this.session.scale.value : null),
      showError);
    this.words = new Words(
      wordCalls(scene.id), scene.gaussianCount, (members) => this.showFound(members), showError);
  }

  /** Shows the scene in a viewer and lets it be clicked. */
  attach(viewer: Viewer): void {
    this.viewer.value = viewer;
    this.ends.push(
      effect(() => viewer.setMode(this.mode.value)),
      effect(() => viewer.setLighting(this.session.lighting.value)),
      effect(() => { this.segments.list.value; viewer.setPaint(this.segments.paint()); }),
      effect(() => viewer.setClusters(this.clusters.paint.value)),
      viewer.onClick((x, y, event) => this.click(x, y, this.sign.value && !event.shiftKey)));
  }

  dispose(): void {
    this.ends.forEach((end) => end());
    this.clusters.dispose();
    this.words.dispose();
    this.session.dispose();
    this.viewer.value?.dispose();
  }

  click(x: number, y: number, positive: boolean): void {
    if (!this.scene.model) {
      showInfo('Train the scene first: its features make objects selectable by a click.');
      return;
    }
    if (!positive && !this.session.state.value.points.some((point) => point.positive)) {
      showInfo('Start with a positive point on the object; negative points then take away what does not belong to it.');
      return;
    }
    const position = this.positionAt(x, y);
    if (position) {
      if (this.mode.value === 'colour') {
        this.mode.value = 'highlight';
      }
      this.session.addPoint(this.viewer.value!.camera, x, y, positive, position);
    }
  }

  movePoint(key: number, x: number, y: number): void {
    const position = this.positionAt(x, y);
    if (position) {
      this.session.movePoint(key, this.viewer.value!.camera, x, y, position);
    }
  }

  /** Adds a point in the middle of the picture, for who has no pointer. */
  clickMiddle(): void {
    const camera = this.viewer.value?.camera;
    if (camera) {
      this.click(camera.width / 2, camera.height / 2, this.sign.value);
    }
  }

  toggleMode(mode: Mode): void {
    this.mode.value = this.mode.value === mode ? 'highlight' : mode;
  }

  frameSelection(): void {
    const viewer = this.viewer.value;
    const lighting = this.session.lighting.value;
    const ball = viewer?.columns && ballAround(viewer.columns, (i) => isLit(lighting, i));
    if (ball) {
      viewer.frame(ball);
    } else {
      viewer?.frameAll();
    }
  }

  async keep(): Promise<void> {
    const members = this.session.selected();
    if (countOf(members) === 0) {
      showInfo('Nothing is selected yet: click an object in the picture.');
      return;
    }
    // At once: who clicks the next object while the server writes this one means the next one.
    this.session.clear();
    const cleared = this.session.state.value;
    if (!(await this.segments.keep(members)) && this.session.state.value === cleared) {
      await this.history.undo();
    }
  }

  /** Saves a file. @returns Whether there is one. */
  async export(choice: FileChoice): Promise<boolean> {
    const members = this.session.selected();
    this.exporting.value = true;
    let isSaved = false;
    await this.history.between(async () => {
      save(await this.fileOf(choice, members), nameOf(this.scene.name, choice));
      isSaved = true;
    });
    this.exporting.value = false;
    return isSaved;
  }

  /** What the server makes of a selection is made of one that is kept only for that. */
  private async fileOf(choice: FileChoice, members: Uint8Array): Promise<Blob> {
    if (choice.part === 'all') {
      return this.calls.downloadScene(scenePathOf(choice, this.segments.serverIds()));
    }
    const kept = await this.calls.keep(exportName, members, { hidden: true });
    try {
      return await this.calls.download(kept.id, pathOf(choice));
    } finally {
      await this.calls.forget(kept.id);
    }
  }

  private showFound(members: Uint8Array): void {
    if (this.mode.value === 'colour') {
      this.mode.value = 'highlight';
    }
    this.session.take(members, 'finding by words');
  }

  /** The place in the world under a pixel; null, with a word about it, where there is none. */
  private positionAt(x: number, y: number): Vec3 | null {
    const { camera, columns } = this.viewer.value!;
    if (columns) {
      const depth = surfaceDepth(columns, camera, x, y);
      if (depth === null) {
        showInfo('There is nothing under this point but background; click on a surface.');
      }
      return depth === null ? null : unproject(camera, x, y, depth);
    }

    // Without the Gaussians the surface is unknown here: the middle of the scene is the best guess for the marker.
    const { min, max } = this.scene.bounds ?? { min: [-1, -1, -1] as const, max: [1, 1, 1] as const };
    const middle: Vec3 = [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, (min[2] + max[2]) / 2];
    return unproject(camera, x, y, length(subtract(middle, unproject(camera, 0, 0, 0))));
  }
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken hold of the file by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
