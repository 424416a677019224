import type { Job, Scene } from '../api/types';
import { Dialog } from '../shell/Dialog';
import { count, duration } from '../shell/format';
import type { LossHistory } from './history';
import { LossCurve } from './LossCurve';
import { Spread } from './Spread';

const maskSources = { uploaded: 'uploaded', sam: 'made by SAM', builtin: 'made by the built-in generator' };

/** What a finished training used, dropped and spent its time on. */
export function ReportDialog({ job, scene, history, onClose }: { job: Job; scene: Scene; history: LossHistory | undefined; onClose: () => void }) {
  const report = job.report!;
  const stages = Object.entries(report.stageSeconds ?? {});
  const longest = Math.max(...stages.map(([, seconds]) => seconds), 0.001);
  const facts: [string, string | undefined][] = [
    ['Iterations', count(job.iterations)],
    ['Final loss', job.loss?.toFixed(4)],
    ['Views used', number(report.viewsUsed)],
    ['Views without masks', number(report.viewsWithoutMasks)],
    ['Masks', report.maskSource && maskSources[report.maskSource]],
    ['Made on', report.maskProvider ?? undefined],
    ['Masks used', number(report.masksUsed)],
    ['Views with a photo', number(report.viewsFromPhotos)],
    ['Views drawn from Gaussians', number(report.viewsDrawn)],
    ...Object.entries(report.masksDropped ?? {}).map(([reason, left]): [string, string] => [`Masks left out: ${reason}`, count(left)]),
    ['Feature channels', number(scene.model?.featureDimension)],
    ['Seed', scene.model ? String(scene.model.seed) : undefined],
    ['Vectors', report.vectors],
    ['Resumed at iteration', report.resumedFrom ? count(report.resumedFrom) : undefined],
  ];
  return (
    <Dialog title="Training report" onClose={onClose}>
      <dl class="report-facts">
        {facts.map(([name, value]) => value !== undefined && <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      {history && <LossCurve samples={history.all} iterations={job.iterations} />}
      {report.masksPerView && <Spread title="Masks per view" unit="masks" one="view" histogram={report.masksPerView} digits={0} />}
      {report.maskScales && <Spread title="Sizes of the masks" unit="world units" one="mask" histogram={report.maskScales} />}
      {stages.length > 0 && (
        <>
          <h3 class="report-title">Where the time went</h3>
          <ul class="report-stages">
            {stages.map(([stage, seconds]) => (
              <li key={stage}>
                <span>{stage}</span>
                <span class="report-bar" aria-hidden="true"><span style={{ width: `${100 * seconds / longest}%` }} /></span>
                <span>{seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {!!report.problems?.length && (
        <>
          <h3 class="report-title">Worth knowing</h3>
          <ul class="report-problems">{report.problems.map(problem => <li key={problem.detail}>{problem.detail}</li>)}</ul>
        </>
      )}
    </Dialog>
  );
}

const number = (value: number | null | undefined) => value === undefined || value === null ? undefined : count(value);
