import { signal } from '@preact/signals';
import { describe } from '../api/errors';
import { Icon } from './Icon';

interface Toast {
  id: number;
  kind: 'error' | 'info';
  text: string;
}

const infoMs = 6000;
const maxShown = 4;
const toasts = signal<Toast[]>([]);
let lastId = 0;

function add(kind: Toast['kind'], text: string): number {
  const id = ++lastId;
  // The same words twice say nothing more.
  toasts.value = [...toasts.value.filter(toast => toast.text !== text), { id, kind, text }].slice(-maxShown);
  return id;
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter(toast => toast.id !== id);
}

/** Shows what went wrong and what to do about it; stays until it is put away. An aborted request is no error. */
export function showError(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'AbortError')) {
    add('error', describe(error));
  }
}

/** Shows a passing word. */
export function showInfo(text: string): void {
  const id = add('info', text);
  setTimeout(() => dismiss(id), infoMs);
}

export function Toasts() {
  const of = (kind: Toast['kind']) => toasts.value.filter(toast => toast.kind === kind).map(toast => (
    <div class={`toast toast-${kind}`} key={toast.id}>
      <p>{toast.text}</p>
      <button type="button" class="icon-button" aria-label="Dismiss this message" onClick={() => dismiss(toast.id)}><Icon name="close" /></button>
    </div>
  ));
  return (
    <div class="toasts">
      <div role="alert">{of('error')}</div>
      <div role="status">{of('info')}</div>
    </div>
  );
}
