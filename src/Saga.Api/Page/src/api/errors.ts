/** A refusal or failure, in words for the person at the page: what was found, what was expected, the way out. */
export class PageError extends Error {
  constructor(
    /** Stable, for programs: the service's `code`, or one of this page's own. */
    readonly code: string,
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    detail: string,
  ) {
    super(detail);
    this.name = 'PageError';
  }

  static unreachable(): PageError {
    return new PageError('unreachable', 0, 'The service does not answer. Check that it is still running, then try again.');
  }

  /** From an answer's body: problem details, or whatever a proxy in between made of it. */
  static fromBody(status: number, body: string): PageError {
    try {
      const problem = JSON.parse(body) as { code?: string; detail?: string; title?: string };
      const detail = problem.detail ?? problem.title;
      if (detail) {
        return new PageError(problem.code ?? 'unknown', status, detail);
      }
    } catch {
      // Not JSON: no answer of this service.
    }

    return new PageError('unknown', status, `The service answered ${status} without saying why. Try again; its log may say more.`);
  }
}

/** The words for any thrown value. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
