import type { Workspace } from '../prompt/Workspace';
import { count } from '../shell/format';
import { Icon } from '../shell/Icon';
import type { Match } from './calls';
import type { Words } from './Words';
import './words.css';

/** More than anybody compares. */
const mostRows = 6;

/** A text box: words in, the Gaussians that they describe lit. */
export function WordSearch({ workspace }: { workspace: Workspace }) {
  const { words } = workspace;
  return (
    <section aria-labelledby="words-title">
      <h2 id="words-title">Words</h2>
      <form class="words-form" role="search" onSubmit={(event) => { event.preventDefault(); void words.find(); }}>
        <input class="words-text" type="search" aria-label="What to find" placeholder="red truck" maxLength={200} enterkeyhint="search"
          value={words.text.value} onInput={(event) => { words.text.value = event.currentTarget.value; }} />
        <button type="submit" class="button" aria-busy={words.busy.value}
          disabled={words.text.value.trim() === '' || words.busy.value || words.job.value !== null}>
          {words.busy.value ? 'Looking…' : 'Find'}
        </button>
      </form>
      {words.job.value ? <Preparing words={words} /> : <Answer workspace={workspace} />}
    </section>
  );
}

function Preparing({ words }: { words: Words }) {
  const job = words.job.value!;
  const percent = Math.floor(100 * job.progress);
  return (
    <div>
      <header class="prompt-head">
        <p class="hint words-stage" role="status">
          {job.state === 'queued' ? 'Waiting for a free worker' : `Preparing the scene for words: ${job.stage}`}
        </p>
        <button type="button" class="button" onClick={() => words.cancel()}>Cancel</button>
      </header>
      <div class="progress" role="progressbar" aria-label="Preparing for words"
        aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
        <div style={{ width: `${100 * job.progress}%` }} />
      </div>
    </div>
  );
}

function Answer({ workspace }: { workspace: Workspace }) {
  const { words } = workspace;
  const lack = words.lack.value;
  if (lack) {
    return (
      <div class="words-lack" role="status">
        {lack.canPrepare
          ? (
            <>
              <p class="hint">The service has not yet looked at this scene in words. It does so once after each training.</p>
              <button type="button" class="button" disabled={words.busy.value} onClick={() => void words.prepare()}>
                <Icon name="play" />Prepare the scene
              </button>
            </>
          )
          : (
            <>
              <p class="hint">Finding by words needs CLIP, which is not installed on this service.</p>
              <details>
                <summary>How to install it</summary>
                <p class="hint words-detail">{lack.detail}</p>
              </details>
            </>
          )}
      </div>
    );
  }
  const answer = words.answer.value;
  if (!answer) {
    return <p class="hint">Say what to select, in a few words.</p>;
  }
  const { found, text } = answer;
  if (found.matches.length === 0) {
    return <p class="hint" role="status">Nothing here was seen well enough to compare with «{text}».</p>;
  }
  return (
    <>
      <p class="hint" role="status">«{text}»: {count(found.selectedCount)} Gaussians, from what fits best:</p>
      <ul class="match-list">
        {found.matches.slice(0, mostRows).map((match, i) => <Row key={i} workspace={workspace} match={match} rank={i + 1} />)}
      </ul>
    </>
  );
}

function Row({ workspace, match, rank }: { workspace: Workspace; match: Match; rank: number }) {
  const percent = Math.round(100 * match.score);
  const view = workspace.views[match.view];
  return (
    <li>
      <button type="button" class={match.chosen ? 'match match-chosen' : 'match'} disabled={!view} title="Fly to the view that shows it best"
        onClick={() => view && workspace.viewer.value?.flyTo(view)}>
        <span class="match-name">{rank}. {match.chosen ? 'selected' : 'not selected'}</span>
        <span class="match-bar" aria-hidden="true"><span style={{ width: `${percent}%` }} /></span>
        <span class="match-score">{percent} %</span>
      </button>
    </li>
  );
}
