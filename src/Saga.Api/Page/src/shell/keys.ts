import { signal } from '@preact/signals';

export interface KeyBinding {
  /** As people write it: `?`, `F`, `Ctrl+Z`, `Ctrl+Shift+Z`, `Enter`, `Escape`, `1`. Ctrl is also Cmd. */
  key: string;
  /** What it does, in a few words, for the help. */
  does: string;
  /** Left out where the key works by other means and is only to be listed. */
  run?: () => void;
}

export interface KeyGroup {
  title: string;
  keys: KeyBinding[];
}

/** What the help lists, in the order of registration. */
export const keyGroups = signal<KeyGroup[]>([]);

/** Makes keys work and lists them in the help; the returned function takes them away again. */
export function registerKeys(title: string, keys: KeyBinding[]): () => void {
  const group = { title, keys };
  keyGroups.value = [...keyGroups.value, group];
  return () => {
    keyGroups.value = keyGroups.value.filter(other => other !== group);
  };
}

function nameOf(event: KeyboardEvent): string {
  const control = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';
  const isLetter = /^[a-z]$/i.test(event.key);
  // Of other signs shift is part of the sign: ? is Shift+/ on one keyboard and Shift+ß on another.
  const shift = event.shiftKey && (isLetter || event.key.length > 1) ? 'Shift+' : '';
  return `${control}${shift}${isLetter ? event.key.toUpperCase() : event.key}`;
}

/** Whether the key belongs to the control that has the focus. */
function belongsToControl(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) {
    return false;
  }

  if (target.closest('dialog')) {
    return true;
  }

  const isText = target.matches('input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]');
  return isText || (event.key === 'Enter' && target.matches('button, a, summary, input'));
}

addEventListener('keydown', event => {
  if (event.defaultPrevented || event.altKey || event.isComposing || belongsToControl(event)) {
    return;
  }

  const name = nameOf(event);
  const binding = keyGroups.peek().flatMap(group => group.keys).findLast(key => key.key === name && key.run);
  if (binding) {
    event.preventDefault();
    binding.run!();
  }
});
