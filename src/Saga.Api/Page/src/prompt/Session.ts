import { batch, computed, effect, signal, untracked } from '@preact/signals';
import type { Pinhole } from '../viewer/pinhole';
import type { Vec3 } from '../viewer/vectors';
import { Tally } from '../viewer/Tally';
import { isLit, type Combine, type Lighting } from '../viewer/Viewer';
import type { Candidate, PromptCalls, Similarity } from './calls';
import type { History } from './History';
import { Latest } from './Latest';
import { countOf } from './members';
import { bodyOf, groupsOf, similarityTo, type PromptPoint } from './similarity';
import type { Timing } from './timing';

/** Everything that a person sets; never changed in place, so that a step of the history is two of these. */
export interface PromptState {
  readonly points: readonly PromptPoint[];
  /** Quantile, 0 the finest; null until a person chooses: the service then finds the one that the first point most likely means. */
  readonly scale: number | null;
  /** Scores from this byte on match: cosines from (threshold - ½) / 255. */
  readonly threshold: number;
  readonly connected: boolean;
  readonly combine: Combine;
  /** What was selected before the points. */
  readonly base: Uint8Array | null;
}

export const startState: PromptState = { points: [], scale: null, threshold: 192, connected: false, combine: 'new', base: null };

/** The cosine that a threshold byte stands for: the server rounds 255 · cosine to a byte. */
export const cosineOf = (threshold: number): number => (threshold - 0.5) / 255;

/** The slider's step; a candidate's scale has more decimals. */
export const sliderStep = 0.01;

/** Where the slider stands before anything was asked. */
const middleScale = 0.5;

/** Candidates' pictures and undone steps come back at once. */
const rememberedAnswers = 12;

/** A person's prompt: the points, what they match, and what is selected by it. */
export class Session {
  readonly state = signal<PromptState>(startState);
  readonly scores = signal<Uint8Array | null>(null);
  readonly timing = signal<Timing | null>(null);
  readonly candidates = signal<readonly Candidate[]>([]);
  readonly busy = signal(false);
  private readonly threshold = computed(() => this.state.value.threshold);
  private readonly base = computed(() => this.state.value.base);
  private readonly combine = computed(() => this.state.value.combine);
  /** What a move of the scale leaves as it was draws no frame: the one with the answer comes all the sooner. */
  readonly lighting = computed<Lighting>(() => ({
    scores: this.scores.value, threshold: this.threshold.value, base: this.base.value, combine: this.combine.value,
  }));
  /** The scale of what is lit: chosen by a person, or found by the service. */
  readonly scale = computed(() => this.state.value.scale ?? this.foundScale.value ?? middleScale);
  readonly selectedCount = computed(() => {
    const lighting = this.lighting.value;
    if (!this.tally?.isOf(lighting)) {
      this.tally = new Tally(lighting.scores, lighting.base, this.gaussianCount);
    }
    return this.tally.lit(lighting);
  });

  private readonly foundScale = signal<number | null>(null);
  private tally: Tally | null = null;
  private readonly answers = new Map<string, Similarity>();
  private readonly asking = new Latest<PromptState>((state) => this.ask(state));
  private readonly askingCandidates = new Latest<PromptState>((state, isOvertaken) => this.askCandidates(state, isOvertaken));
  private readonly endEffect: () => void;
  private lastKey = 0;
  private askedFor = '';
  private candidatesFor = '';

  constructor(
    private readonly calls: PromptCalls,
    private readonly history: History,
    readonly gaussianCount: number,
    private readonly failed: (error: unknown) => void) {
    this.endEffect = effect(() => {
      const state = this.state.value;
      untracked(() => this.follow(state));
    });
  }

  dispose(): void {
    this.endEffect();
  }

  /** One step that can be undone. */
  change(label: string, change: Partial<PromptState>, mergeKey?: string): void {
    const before = this.state.value;
    const after = { ...before, ...change };
    this.state.value = after;
    this.history.remember({
      label, mergeKey, apply: () => { this.state.value = after; }, revert: () => { this.state.value = before; },
    });
  }

  addPoint(camera: Pinhole, x: number, y: number, positive: boolean, position: Vec3): void {
    const point = { key: ++this.lastKey, positive, camera, x, y, position };
    this.change(positive ? 'point' : 'negative point', { points: [...this.state.value.points, point] });
  }

  removePoint(key: number): void {
    this.change('removal of a point', { points: this.state.value.points.filter((point) => point.key !== key) });
  }

  movePoint(key: number, camera: Pinhole, x: number, y: number, position: Vec3): void {
    this.change('move of a point', {
      points: this.state.value.points.map((point) => (point.key === key ? { ...point, camera, x, y, position } : point)),
    });
  }

  /** What is lit becomes what was selected before, and the next points join it this way. New starts from nothing. */
  combineNext(combine: Combine): void {
    const base = combine === 'new' ? null : this.selected();
    this.change(combine, { points: [], scale: null, combine, base: base && countOf(base) > 0 ? base : null });
  }

  invert(): void {
    const members = this.selected();
    for (let i = 0; i < members.length; i++) {
      members[i] = 1 - members[i]!;
    }
    this.change('inversion', { points: [], scale: null, base: members });
  }

  /** Joins Gaussians found otherwise than by points to what is lit, in the chosen way. */
  take(members: Uint8Array, label = 'taking a segment'): void {
    const { combine } = this.state.value;
    const taken = { scores: members, threshold: 1, base: this.selected(), combine };
    const base = Uint8Array.from(members, (_, i) => (isLit(taken, i) ? 1 : 0));
    this.change(label, { points: [], scale: null, base });
  }

  clear(): void {
    if (this.state.value.points.length > 0 || this.state.value.base) {
      this.change('clearing', { points: [], scale: null, base: null, combine: 'new' });
    }
  }

  /** Goes to the next coarser granularity for 1, to the next finer one for -1; stays at the ends. */
  stepScale(direction: 1 | -1): void {
    const beyond = ({ scale }: Candidate) => direction * (scale - this.scale.value) > sliderStep / 2;
    const next = direction > 0 ? this.candidates.value.find(beyond) : this.candidates.value.findLast(beyond);
    if (next) {
      this.change('scale', { scale: next.scale });
    }
  }

  selected(): Uint8Array {
    const lighting = this.lighting.value;
    const members = new Uint8Array(this.gaussianCount);
    for (let i = 0; i < members.length; i++) {
      members[i] = isLit(lighting, i) ? 1 : 0;
    }
    return members;
  }

  /** The scores at another scale than the chosen one, for a candidate's picture. */
  async scoresAt(scale: number): Promise<Uint8Array> {
    return (await this.answer({ ...this.state.value, scale, connected: false })).scores;
  }

  private follow(state: PromptState): void {
    if (!state.points.some((point) => point.positive)) {
      this.askedFor = '';
      this.candidatesFor = '';
      this.scores.value = null;
      this.candidates.value = [];
      return;
    }
    const key = this.keyOf(state);
    if (key === this.askedFor) {
      return;
    }
    this.askedFor = key;
    const known = this.answers.get(key);
    if (known) {
      this.show(known, state);
      void this.askingCandidates.ask(state);
      return;
    }
    this.busy.value = true;
    void this.asking.ask(state).catch(this.failed).finally(() => {
      this.busy.value = false;
    });
  }

  private async ask(state: PromptState): Promise<void> {
    try {
      const answer = await this.answer(state);
      // An answer that was overtaken is still nearer to what is asked for than what is on the screen; one to no prompt is not.
      if (this.askedFor !== '') {
        this.show(answer, state);
        this.timing.value = answer.timing;
        void this.askingCandidates.ask(this.state.value);
      }
    } catch (error) {
      if (this.askedFor === this.keyOf(state)) {
        this.askedFor = '';
        this.scores.value = null;
        this.candidates.value = [];
      }
      this.failed(error);
    }
  }

  private show({ scores, scale }: Similarity, asked: PromptState): void {
    batch(() => {
      this.scores.value = scores;
      if (asked.scale === null) {
        this.foundScale.value = scale;
      }
    });
  }

  /** The service finds a scale for a first point; those that follow refine what is there. */
  private scaleToAsk({ points, scale }: PromptState): number | null {
    return scale ?? (points.length === 1 ? null : this.scale.peek());
  }

  /** States with the same key have the same scores. */
  private keyOf(state: PromptState): string {
    const places = state.points.map(({ camera, x, y, positive }) => [camera.worldToCamera, camera.fx, camera.width, x, y, positive]);
    return JSON.stringify([places, this.scaleToAsk(state), state.connected ? state.threshold : null]);
  }

  private async answer(state: PromptState): Promise<Similarity> {
    const key = this.keyOf(state);
    const known = this.answers.get(key);
    if (known) {
      return known;
    }
    let answer = await similarityTo(this.calls, state.points, this.scaleToAsk(state));
    if (state.connected) {
      answer = { ...answer, scores: await this.onlyConnected(state, answer) };
    }
    this.answers.set(key, answer);
    for (const old of [...this.answers.keys()].slice(0, -rememberedAnswers)) {
      this.answers.delete(old);
    }
    return answer;
  }

  private async onlyConnected(state: PromptState, { scores, scale }: Similarity): Promise<Uint8Array> {
    const groups = groupsOf(state.points).filter((group) => group.some((point) => point.positive));
    const connected = await Promise.all(groups.map((group) => this.calls.segment({
      ...bodyOf(group), scale, threshold: cosineOf(state.threshold), connected: true,
    })));
    return scores.map((score, i) => (connected.some((members) => members[i] === 1) ? score : 0));
  }

  /** Granularities belong to the points alone: asked for when these change. */
  private async askCandidates(state: PromptState, isOvertaken: () => boolean): Promise<void> {
    const key = JSON.stringify(state.points.map((point) => [point.key, point.x, point.y]));
    const group = groupsOf(state.points).find((points) => points.some((point) => point.positive));
    if (key === this.candidatesFor || !group || isOvertaken()) {
      return;
    }
    this.candidatesFor = key;
    try {
      const candidates = await this.calls.candidates({ ...bodyOf(group), threshold: cosineOf(state.threshold) });
      if (this.candidatesFor === key) {
        this.candidates.value = candidates;
      }
    } catch (error) {
      this.candidates.value = [];
      this.failed(error);
    }
  }
}
