import { useState } from 'preact/hooks';
import { answerKey, keyAsked } from '../api/key';
import { Dialog } from './Dialog';

/** Asks for the key that the service asked for; stays away otherwise. */
export function KeyDialog() {
  return keyAsked.value === null ? null : <KeyForm why={keyAsked.value} />;
}

function KeyForm({ why }: { why: string }) {
  const [text, setText] = useState('');
  const give = (event: Event) => {
    event.preventDefault();
    answerKey(text.trim());
  };

  return (
    <Dialog title="API key" onClose={() => answerKey(null)}>
      <form onSubmit={give}>
        <p>{why}</p>
        <label class="field">
          <span>Key</span>
          <input class="input" type="password" autocomplete="off" spellcheck={false} placeholder="saga_…" required value={text}
            onInput={event => setText(event.currentTarget.value)} />
        </label>
        <p class="hint">Kept until this tab is closed.</p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => answerKey(null)}>Go on without</button>
          <button type="submit" class="button button-primary">Use this key</button>
        </div>
      </form>
    </Dialog>
  );
}
