/** Runs asynchronous work for the newest request only: one is under way at a time, and what was overtaken meanwhile is never begun. */
export class Latest<T> {
  private next: { value: T } | null = null;
  private running: Promise<void> | null = null;

  constructor(private readonly work: (value: T, isOvertaken: () => boolean) => Promise<void>) {}

  /** Resolves when nothing is left to do. */
  ask(value: T): Promise<void> {
    this.next = { value };
    this.running ??= this.run();
    return this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.next) {
        const { value } = this.next;
        this.next = null;
        await this.work(value, () => this.next !== null);
      }
    } finally {
      this.running = null;
    }
  }
}
