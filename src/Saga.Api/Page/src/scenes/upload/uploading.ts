import { batch, computed, signal } from '@preact/signals';
import { scenes as api } from '../../api/client';
import { describe } from '../../api/errors';
import type { AssetKind, Scene } from '../../api/types';
import { attachUpload, sendFile, type Outgoing } from '../../api/upload';
import { bodyOf, classify, type Candidate, type Candidates } from './classify';
import type { PickedFile } from './pick';

/** Masks and photos are matched with the cameras' views, so cameras go first. */
export const assetKinds: readonly AssetKind[] = ['gaussians', 'cameras', 'images', 'masks'];

/** Cameras before Gaussians: for a scene without any, the service would first work out an orbit of its own. */
const sendingOrder: readonly AssetKind[] = ['cameras', 'gaussians', 'images', 'masks'];

export type Row =
  | { state: 'waiting' }
  | { state: 'packing' }
  | { state: 'sending' | 'interrupted'; sent: number; total: number }
  | { state: 'checking' }
  | { state: 'done' }
  | { state: 'refused'; why: string };

const waiting: Row = { state: 'waiting' };
const leftOut = -1;

/** An upload in the making: what was picked, what of it goes where, and how far it is. */
export class Uploading {
  readonly candidates = signal<Candidates>({ gaussians: [], cameras: [], images: [], masks: [] });
  readonly chosen = signal<Record<AssetKind, number>>({ gaussians: 0, cameras: 0, images: 0, masks: 0 });
  readonly rows = signal<Record<AssetKind, Row>>({ gaussians: waiting, cameras: waiting, images: waiting, masks: waiting });
  readonly unused = signal<string[]>([]);
  readonly name = signal('');
  readonly isRunning = signal(false);
  readonly failure = signal('');

  /** The kinds that will be sent. */
  readonly pending = computed(() => sendingOrder.filter(kind => this.candidateOf(kind) && this.rows.value[kind].state !== 'done'));

  private readonly end = new AbortController();
  /** What was packed once is what an interrupted upload goes on with. */
  private readonly bodies = new Map<Candidate, { body: Blob; name: string }>();
  private files: PickedFile[] = [];

  /** @param scene The scene that gets the files; undefined for a new one. */
  constructor(public scene: Scene | undefined) {}

  candidateOf(kind: AssetKind) {
    return this.candidates.value[kind][this.chosen.value[kind]];
  }

  /** Adds files; a later one takes the place of an earlier one at the same path. */
  async add(files: PickedFile[]): Promise<void> {
    if (files.length === 0) {
      return;
    }

    const isNewer = new Set(files.map(file => file.path));
    this.files = [...files, ...this.files.filter(file => !isNewer.has(file.path))];
    const candidates = await classify(this.files);
    const fresh = await classify(files);
    const used = new Set(Object.values(candidates).flat().flatMap(candidate => candidate.parts));
    batch(() => {
      this.candidates.value = candidates;
      this.unused.value = this.files.filter(file => !used.has(file)).map(file => file.path);
      this.failure.value = '';
      for (const kind of assetKinds) {
        if (fresh[kind].length > 0) {
          const best = candidates[kind].findIndex(candidate => candidate.label === fresh[kind][0]!.label);
          this.choose(kind, Math.max(0, best));
        }
      }

      if (!this.scene && !this.name.value) {
        this.name.value = suggestName(this.files);
      }
    });
  }

  /** @param index Which candidate, or -1 for none. */
  choose(kind: AssetKind, index: number): void {
    batch(() => {
      this.chosen.value = { ...this.chosen.value, [kind]: Math.max(leftOut, index) };
      this.setRow(kind, waiting);
    });
  }

  /** Sends what is pending, one file after the other. True when all of it arrived. */
  async send(): Promise<boolean> {
    this.isRunning.value = true;
    this.failure.value = '';
    try {
      for (const kind of this.pending.value) {
        const file = await this.fileOf(kind);
        const url = file && await this.sendBytes(file);
        if (!url) {
          return false;
        }

        // Only now: a page that is closed before its first file has arrived leaves no empty scene behind.
        this.scene ??= await api.create(this.name.value.trim());
        if (!await this.attach(this.scene.id, url, file)) {
          return false;
        }
      }

      return true;
    } catch (error) {
      this.failure.value = describe(error);
      return false;
    } finally {
      this.isRunning.value = false;
    }
  }

  /** Stops what is under way, and takes a new scene away again that got no Gaussians. */
  async close(isNew: boolean): Promise<void> {
    this.end.abort();
    if (isNew && this.scene && this.rows.value.gaussians.state !== 'done') {
      await api.remove(this.scene.id);
    }
  }

  private fileOf(kind: AssetKind): Promise<Outgoing | undefined> {
    return this.attempt(kind, async () => {
      this.setRow(kind, { state: 'packing' });
      const candidate = this.candidateOf(kind)!;
      const packed = this.bodies.get(candidate) ?? await bodyOf(candidate, this.end.signal);
      this.bodies.set(candidate, packed);
      return { kind, sceneId: this.scene?.id, ...packed };
    });
  }

  private sendBytes(file: Outgoing): Promise<string | undefined> {
    const report = (sent: number, total: number, isInterrupted: boolean) => this.setRow(file.kind, isInterrupted
      ? { state: 'interrupted', sent, total }
      : sent < total ? { state: 'sending', sent, total } : { state: 'checking' });
    return this.attempt(file.kind, () => {
      report(0, file.body.size, false);
      return sendFile(file, report, this.end.signal);
    });
  }

  private async attach(sceneId: string, url: string, file: Outgoing): Promise<boolean> {
    const { kind, body } = file;
    const done = await this.attempt(kind, async () => {
      this.setRow(kind, { state: 'checking' });
      const wait = () => this.setRow(kind, { state: 'interrupted', sent: body.size, total: body.size });
      await attachUpload(sceneId, url, file, wait, this.end.signal);
      this.setRow(kind, { state: 'done' });
      return true;
    });
    return done ?? false;
  }

  /** Writes a failure into the row that it is about. */
  private async attempt<T>(kind: AssetKind, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.setRow(kind, { state: 'refused', why: describe(error) });
      return undefined;
    }
  }

  private setRow(kind: AssetKind, row: Row): void {
    this.rows.value = { ...this.rows.value, [kind]: row };
  }
}

/** The folder's or the zip's name, else the file's. */
function suggestName(files: PickedFile[]): string {
  const path = files.find(file => /\.(ply|splat|spz|sogs?)$/i.test(file.path))?.path ?? files[0]!.path;
  return path.split('/')[0]!.replace(/\.[a-z]{2,6}$/i, '').slice(0, 200);
}
