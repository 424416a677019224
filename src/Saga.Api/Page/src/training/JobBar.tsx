import { useState } from 'preact/hooks';
import { jobs as api } from '../api/client';
import { isLive } from '../api/live';
import type { Job, Scene, TrainPreset } from '../api/types';
import { showError } from '../shell/toasts';
import { FinishedJob } from './FinishedJob';
import { RunningJob } from './RunningJob';
import { TrainForm } from './TrainForm';
import { isActive, useJob } from './useJob';

/** Below the picture: start a training, watch it, see what came of it. */
export function JobBar({ scene, onAddFiles }: { scene: Scene; onAddFiles: () => void }) {
  const { job, history, take } = useJob(scene);
  const [isStarting, setStarting] = useState(false);
  const start = async (preset: TrainPreset) => {
    setStarting(true);
    try {
      take(await api.train(scene.id, preset));
    } catch (error) {
      showError(error);
    } finally {
      setStarting(false);
    }
  };

  return (
    <section class="job-bar" aria-label="Training">
      {isActive(job)
        ? <RunningJob job={job!} history={history!} onCancel={() => { api.cancel(job!.id).then(take, showError); }} />
        : (
          <>
            <FinishedJob job={job} scene={scene} history={history} />
            <TrainForm scene={scene} isAgain={!!scene.model} isStarting={isStarting} onStart={start} onAddFiles={onAddFiles} />
          </>
        )}
      <p class="visually-hidden" aria-live="polite">{announce(job)}</p>
      {!isLive.value && <p class="job-offline" role="status">The service does not answer; trying again.</p>}
    </section>
  );
}

/** What a screen reader is told: the stage and every tenth of the way, not every tenth of a second. */
function announce(job: Job | undefined): string {
  if (!job) {
    return '';
  }

  return isActive(job) ? `Training: ${job.stage}, ${Math.floor(job.progress * 10) * 10} percent` : `Training ${job.state}`;
}
