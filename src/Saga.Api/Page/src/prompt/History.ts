import { signal } from '@preact/signals';

/** Something that can be done, undone and done again; on the server too, which is why it may take its time. */
export interface Command {
  /** What was done, as «Undo …» says it. */
  readonly label: string;
  /** Commands with the same key that follow each other are one step: a slider's way from here to there. */
  readonly mergeKey?: string;
  apply(): void | Promise<void>;
  revert(): void | Promise<void>;
}

const maxSteps = 200;

/** What was done, in order. Commands run one after the other, whoever asks for them and however long they take. */
export class History {
  readonly undoLabel = signal<string | null>(null);
  readonly redoLabel = signal<string | null>(null);
  private readonly done: Command[] = [];
  private readonly undone: Command[] = [];
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly failed: (error: unknown) => void) {}

  /** Does it now; where it fails nothing is remembered. @returns Whether it was done. */
  async run(command: Command): Promise<boolean> {
    let isDone = false;
    await this.enqueue(async () => {
      await command.apply();
      this.remember(command);
      isDone = true;
    });
    return isDone;
  }

  /** Remembers what has been done already. */
  remember(command: Command): void {
    const last = this.done.at(-1);
    if (last?.mergeKey !== undefined && last.mergeKey === command.mergeKey && this.undone.length === 0) {
      this.done[this.done.length - 1] = { ...command, apply: () => command.apply(), revert: () => last.revert() };
    } else {
      this.done.push(command);
      if (this.done.length > maxSteps) {
        this.done.shift();
      }
    }
    this.undone.length = 0;
    this.show();
  }

  undo(): Promise<void> {
    return this.move(this.done, this.undone, (command) => command.revert());
  }

  redo(): Promise<void> {
    return this.move(this.undone, this.done, (command) => command.apply());
  }

  /** Runs something between two commands: nothing that a command changes is half changed then. */
  between(work: () => Promise<void>): Promise<void> {
    return this.enqueue(work);
  }

  private move(from: Command[], to: Command[], act: (command: Command) => void | Promise<void>): Promise<void> {
    return this.enqueue(async () => {
      const command = from.at(-1);
      if (command) {
        await act(command);
        from.pop();
        to.push(command);
        this.show();
      }
    });
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(work).catch(this.failed);
    return this.queue;
  }

  private show(): void {
    this.undoLabel.value = this.done.at(-1)?.label ?? null;
    this.redoLabel.value = this.undone.at(-1)?.label ?? null;
  }
}
