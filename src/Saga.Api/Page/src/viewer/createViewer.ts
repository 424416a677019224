import type { Ball } from './columns';
import { ServerFrames } from './ServerFrames';
import { SplatViewer, type ViewerOptions } from './SplatViewer';
import type { Viewer } from './Viewer';

/** The best viewer that this browser and this scene allow. */
export async function createViewer(element: HTMLElement, bounds: Ball, options: ViewerOptions): Promise<Viewer> {
  if (SplatViewer.supported()) {
    try {
      return await SplatViewer.create(element, options);
    } catch (error) {
      options.failed(`${(error as Error).message} The server draws the picture instead.`);
    }
  } else {
    options.failed('This browser offers no WebGL2: the server draws the picture instead, which is slower.');
  }
  return ServerFrames.create(element, bounds, options);
}
