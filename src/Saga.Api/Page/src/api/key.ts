import { signal } from '@preact/signals';

/** For as long as this tab lives, and never in an address or on the disk. */
const storageName = 'saga-api-key';

/** Why a key is asked for; null while none is. */
export const keyAsked = signal<string | null>(null);

let key = stored(storage => storage.getItem(storageName));
let answer: Promise<boolean> | null = null;
let answered: (given: boolean) => void = () => undefined;

/** The key that this tab sends; null where none was needed yet. */
export const apiKey = () => key;

/** What a request needs to be let in. */
export const keyHeader = (): Record<string, string> => (key ? { 'X-Api-Key': key } : {});

/** What the person at the page says: a key, or null for none. */
export function answerKey(given: string | null): void {
  if (given !== null) {
    key = given;
    stored(storage => storage.setItem(storageName, given));
  }
  keyAsked.value = null;
  answer = null;
  answered(given !== null);
}

/** Fetches with this tab's key. Where another is needed it asks for one, once for all that wait, and goes on with that. */
export async function keyedFetch(address: string, init?: RequestInit): Promise<Response> {
  for (;;) {
    const sent = key;
    const response = await fetch(address, { ...init, headers: { ...headersOf(init), ...keyHeader() } });
    if (response.status !== 401 || (key === sent && !(await ask(response)))) {
      return response;
    }
  }
}

function ask(response: Response): Promise<boolean> {
  answer ??= new Promise(resolve => {
    answered = resolve;
    void response.clone().json().catch(() => null).then((problem: { detail?: string } | null) => {
      keyAsked.value = problem?.detail ?? 'This service asks for an API key.';
    });
  });
  return answer;
}

const headersOf = (init?: RequestInit) => Object.fromEntries(new Headers(init?.headers).entries());

/** A browser may forbid storage: then the key is asked for again after a reload. */
function stored<T>(act: (storage: Storage) => T): T | null {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
}
