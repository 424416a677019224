/** Functions to call when something happens. */
export class Listeners<Arguments extends unknown[]> {
  private readonly functions = new Set<(...values: Arguments) => void>();

  /** @returns What takes the listener off again. */
  add(listener: (...values: Arguments) => void): () => void {
    this.functions.add(listener);
    return () => this.functions.delete(listener);
  }

  call(...values: Arguments): void {
    this.functions.forEach((listener) => listener(...values));
  }
}
