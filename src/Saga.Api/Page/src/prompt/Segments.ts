import { signal } from '@preact/signals';
import { PageError } from '../api/errors';
import type { Paint } from '../viewer/Viewer';
import type { Edited, PromptCalls } from './calls';
import type { History } from './History';
import { countOf } from './members';
import type { SurfaceEdit } from './surfaceEdits';

/** Told apart by people who see red and green alike; bright enough on dark, dark enough on bright. */
const palette = ['#4f9dff', '#e2b93b', '#39c2a8', '#e06fb4', '#8f7bff', '#ef8354', '#7fb83d', '#5cc8e8'];

export interface Segment {
  /** Stays while the server's id changes: undoing a deletion keeps the segment anew. */
  readonly key: number;
  readonly name: string;
  readonly color: string;
  readonly hidden: boolean;
  readonly members: Uint8Array;
  readonly count: number;
  /** The server's; another one there means that somebody else changed the segment. */
  readonly version?: number;
}

/** What is kept only while a file is made of it is no segment. */
export const exportName = '(for a file)';

type Look = Partial<Pick<Segment, 'name' | 'color' | 'hidden'>>;

/** The kept segments of a scene. They live on the server; each change here is one there, and each can be undone. */
export class Segments {
  readonly list = signal<readonly Segment[]>([]);
  private readonly ids = new Map<number, string>();
  private lastKey = 0;

  constructor(private readonly calls: PromptCalls, private readonly history: History) {}

  /** Reads what is kept, oldest first; another page or program may have changed it. */
  load(): Promise<void> {
    return this.history.between(() => this.read());
  }

  private async read(): Promise<void> {
    const kept = (await this.calls.selections()).filter(({ name }) => name !== exportName).reverse();
    const known = new Map([...this.ids].map(([key, id]) => [id, key]));
    const segments = await Promise.all(kept.map(async (one, i) => {
      const key = known.get(one.id) ?? ++this.lastKey;
      const old = this.list.value.find((segment) => segment.key === key);
      this.ids.set(key, one.id);
      return {
        key,
        name: one.name || `Segment ${i + 1}`,
        color: one.color ?? old?.color ?? palette[i % palette.length]!,
        hidden: one.hidden ?? false,
        members: old && old.version === one.version ? old.members : await this.calls.members(one.id),
        count: one.selectedCount,
        version: one.version,
      };
    }));
    const isSame = segments.length === this.list.value.length && segments.every((segment, i) => isAlike(segment, this.list.value[i]!));
    if (!isSame) {
      this.list.value = segments;
    }
  }

  /** Keeps what is selected under the next free name. @returns Whether the server has it. */
  keep(members: Uint8Array): Promise<boolean> {
    const key = ++this.lastKey;
    const segment: Segment = {
      key, name: this.nextName(), color: palette[this.list.value.length % palette.length]!, hidden: false, members, count: countOf(members),
    };
    return this.history.run({
      label: `keeping ${segment.name}`, apply: () => this.insert(segment), revert: () => this.remove(key),
    });
  }

  delete(key: number): Promise<boolean> {
    const segment = this.find(key);
    const at = this.list.value.indexOf(segment);
    return this.history.run({
      label: `deletion of ${segment.name}`, apply: () => this.remove(key), revert: () => this.insert(segment, at),
    });
  }

  change(key: number, look: Look): Promise<boolean> {
    const { name, color, hidden } = this.find(key);
    return this.history.run({
      label: `change of ${name}`, apply: () => this.set(key, look), revert: () => this.set(key, { name, color, hidden }),
    });
  }

  /** One segment of several, under a new name; those it was made of stay. */
  combine(keys: readonly number[]): Promise<boolean> {
    const parts = keys.map((key) => this.find(key).members);
    return this.keep(parts[0]!.map((_, i) => (parts.some((members) => members[i] === 1) ? 1 : 0)));
  }

  /** Grows it, shrinks it, keeps a piece of it… as the server does. Refused where somebody else changed it since it was read. */
  edit(key: number, { done, edit }: SurfaceEdit): Promise<unknown> {
    let before: Uint8Array;
    let after: Uint8Array | undefined;
    return this.history.run({
      label: `${done} ${this.find(key).name}`,
      apply: async () => {
        before = this.find(key).members;
        after = await this.revise(key, (id, version) => (after ? this.calls.replace(id, after, version) : this.calls.edit(id, edit, version)));
      },
      revert: async () => {
        await this.revise(key, (id, version) => this.calls.replace(id, before, version));
      },
    });
  }

  /** Ids on the server, in the order of the list. */
  serverIds(): string[] {
    return this.list.value.map(({ key }) => this.ids.get(key)!);
  }

  paint(): Paint[] {
    return this.list.value.map(({ members, color, hidden }) => ({
      members, hidden, color: [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as [number, number, number],
    }));
  }

  private find(key: number): Segment {
    return this.list.value.find((segment) => segment.key === key)!;
  }

  private nextName(): string {
    const names = new Set(this.list.value.map((segment) => segment.name));
    let number = this.list.value.length + 1;
    while (names.has(`Segment ${number}`)) {
      number++;
    }
    return `Segment ${number}`;
  }

  private async insert(segment: Segment, at = this.list.value.length): Promise<void> {
    const { name, color, hidden } = segment;
    const kept = await this.calls.keep(name, segment.members, { color, hidden });
    this.ids.set(segment.key, kept.id);
    const placed = { ...segment, version: kept.version };
    this.list.value = [...this.list.value.slice(0, at), placed, ...this.list.value.slice(at)];
  }

  private async remove(key: number): Promise<void> {
    await this.calls.forget(this.ids.get(key)!);
    this.ids.delete(key);
    this.list.value = this.list.value.filter((segment) => segment.key !== key);
  }

  private async set(key: number, look: Look): Promise<void> {
    const changed = await this.calls.change(this.ids.get(key)!, look);
    this.list.value = this.list.value.map((segment) => (
      segment.key === key ? { ...segment, ...look, version: following(segment.version, changed?.version) } : segment));
  }

  private async revise(key: number, ask: (id: string, version?: number) => Promise<Edited>): Promise<Uint8Array> {
    const { name, version: known } = this.find(key);
    try {
      const { members, version } = await ask(this.ids.get(key)!, known);
      this.list.value = this.list.value.map((segment) => (
        segment.key === key ? { ...segment, members, count: countOf(members), version } : segment));
      return members;
    } catch (error) {
      if (error instanceof PageError && error.code === 'selection-changed') {
        await this.read();
        throw new PageError(error.code, error.status, `Somebody else changed ${name} meanwhile. It is shown as it is now; try again.`);
      }
      throw error;
    }
  }
}

function isAlike(a: Segment, b: Segment): boolean {
  return a.key === b.key && a.name === b.name && a.color === b.color && a.hidden === b.hidden && a.members === b.members;
}

/** After a change that expected no version: the server's, unless somebody else changed it in between, whose members are still to be read. */
function following(known: number | undefined, now: number | undefined): number | undefined {
  return known !== undefined && now === known + 1 ? now : known;
}
