import { useEffect, useRef, useState } from 'preact/hooks';
import { jobs as api } from '../api/client';
import { watchJob } from '../api/live';
import type { Job, Scene } from '../api/types';
import { showError } from '../shell/toasts';
import { LossHistory } from './history';

export const isActive = (job: Job | undefined) => job?.state === 'queued' || job?.state === 'running';

/** The scene's latest training, live: found after a reload, and also when another page started it. */
export function useJob(scene: Scene): { job: Job | undefined; history: LossHistory | undefined; take: (job: Job) => void } {
  const [job, setJob] = useState<Job>();
  const history = useRef<{ id: string; loss: LossHistory }>(null);

  const take = (next: Job) => {
    if (history.current?.id !== next.id) {
      history.current = { id: next.id, loss: new LossHistory(next.id) };
    }

    history.current.loss.add(next);
    setJob(next);
  };

  // The scene's state changes when somebody starts a job.
  useEffect(() => {
    let isLeft = false;
    api.list(scene.id).then((all) => {
      const latest = all.find(({ kind }) => kind === 'train');
      if (!isLeft && latest) {
        take(latest);
      }
    }, showError);
    return () => { isLeft = true; };
  }, [scene.id, scene.state]);

  const id = job?.id;
  useEffect(() => id ? watchJob(id, take) : undefined, [id]);

  return { job, history: history.current?.loss, take };
}
