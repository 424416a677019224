import { useState } from 'preact/hooks';
import type { Job, Scene } from '../api/types';
import { count, duration, time } from '../shell/format';
import { Icon } from '../shell/Icon';
import type { LossHistory } from './history';
import { ReportDialog } from './ReportDialog';

/** What came of the last job, or what the scene waits for. */
export function FinishedJob({ job, scene, history }: { job: Job | undefined; scene: Scene; history: LossHistory | undefined }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="job-finished">
      <p><Outcome job={job} scene={scene} /></p>
      {job?.report && <button type="button" class="button" onClick={() => setOpen(true)}><Icon name="chart" />Report</button>}
      {isOpen && job && <ReportDialog job={job} scene={scene} history={history} onClose={() => setOpen(false)} />}
    </div>
  );
}

function Outcome({ job, scene }: { job: Job | undefined; scene: Scene }) {
  if (job?.state === 'failed') {
    return <><strong class="bad">Training failed.</strong> {job.failure?.detail ?? 'The service did not say why; its log does.'}</>;
  }

  if (job?.state === 'canceled') {
    return <><strong>Training was canceled.</strong> {scene.model ? 'The earlier model is still in use.' : ''}</>;
  }

  if (scene.model) {
    const { model } = scene;
    const seconds = job?.state === 'succeeded' && job.startedAt && job.finishedAt
      ? (Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1000
      : undefined;
    const facts = [
      time(model.trainedAt),
      `${count(model.iterations)} iterations${seconds === undefined ? '' : ` in ${duration(seconds)}`}`,
      ...(model.finalLoss === null ? [] : [`loss ${model.finalLoss.toFixed(4)}`]),
    ];
    return <><strong class="good">Trained</strong> <span class="muted">{facts.join(' · ')}</span></>;
  }

  return (
    <>
      <strong>Not trained yet.</strong>{' '}
      <span class="muted">Training learns which Gaussians belong together; then a click selects an object.</span>
    </>
  );
}
