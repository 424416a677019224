import { useState } from 'preact/hooks';
import type { Job } from '../api/types';
import { count, duration } from '../shell/format';
import { Icon } from '../shell/Icon';
import type { LossHistory } from './history';
import { LossCurve } from './LossCurve';

export function RunningJob({ job, history, onCancel }: { job: Job; history: LossHistory; onCancel: () => void }) {
  const [isCanceling, setCanceling] = useState(false);
  const percent = Math.floor(100 * job.progress);
  const stage = job.state === 'queued' ? 'waiting for a free worker' : job.stage || 'starting';
  const perSecond = job.etaSeconds && job.iterations ? (job.iterations - job.iteration) / job.etaSeconds : undefined;
  return (
    <div class="job-running">
      <div class="job-main">
        <div class="job-line">
          <h2>{isCanceling ? 'Stopping' : 'Training'}</h2>
          {stage !== 'training' && <span class="job-stage">{stage}</span>}
          <span class="job-percent">{percent} %</span>
        </div>
        <div class="progress" role="progressbar" aria-label="Training" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}
          aria-valuetext={`${percent} percent, ${stage}`}>
          <div style={{ width: `${100 * job.progress}%` }} />
        </div>
      </div>
      <dl class="job-numbers">
        <div><dt>Iteration</dt><dd>{job.iterations ? `${count(job.iteration)} / ${count(job.iterations)}` : '–'}</dd></div>
        <div><dt>Speed</dt><dd>{perSecond ? `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} it/s` : '–'}</dd></div>
        <div><dt>Loss</dt><dd>{job.loss?.toFixed(4) ?? '–'}</dd></div>
        <div><dt>Time left</dt><dd>{job.etaSeconds !== null ? duration(job.etaSeconds) : '–'}</dd></div>
      </dl>
      <LossCurve samples={history.all} iterations={job.iterations} />
      <button type="button" class="button" disabled={isCanceling} onClick={() => { setCanceling(true); onCancel(); }}>
        <Icon name="stop" />Cancel
      </button>
    </div>
  );
}
