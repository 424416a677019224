import { apiRoot } from '../api/client';
import { keyedFetch } from '../api/key';
import type { Pinhole } from './pinhole';

/** Wait so long for the camera to rest before a picture is asked for. */
const restMilliseconds = 120;

/** Frames drawn by the server; a small picture of a moving camera is worth more than a large one of where it was. */
const widestFrame = 1280;

/** Keeps an image showing what the server draws from a camera: the latest asked for wins, one request is under way at a time. */
export class ServerPicture {
  readonly image = new Image();
  private wanted: { camera: Pinhole; mode: string; scale?: number } | null = null;
  private busy = false;
  private timer = 0;
  private shown = '';

  constructor(private readonly sceneId: string, private readonly failed: (message: string) => void) {
    this.image.className = 'viewer-frame';
    this.image.alt = '';
    this.image.draggable = false;
  }

  /**
   * @param mode One of the modes of /render.
   * @param scale For clusters.
   */
  show(camera: Pinhole, mode: string, scale?: number): void {
    this.wanted = { camera, mode, scale };
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(), restMilliseconds);
  }

  clear(): void {
    clearTimeout(this.timer);
    this.wanted = null;
    this.shown = '';
    this.image.hidden = true;
  }

  private async load(): Promise<void> {
    if (this.busy || !this.wanted) {
      return;
    }
    const { camera, mode, scale } = this.wanted;
    const query = new URLSearchParams({
      camera: JSON.stringify(camera), mode, width: String(Math.min(widestFrame, camera.width)),
      ...(scale === undefined ? {} : { scale: String(scale) }),
    });
    const address = `${apiRoot}/scenes/${this.sceneId}/render?${query}`;
    if (address === this.shown) {
      return;
    }
    this.busy = true;
    try {
      const response = await keyedFetch(address, { headers: { Accept: 'image/jpeg' } });
      if (!response.ok) {
        const problem = (await response.json().catch(() => null)) as { detail?: string } | null;
        throw new Error(problem?.detail ?? `The server answered ${response.status} instead of a picture.`);
      }
      const url = URL.createObjectURL(await response.blob());
      const old = this.image.src;
      this.image.src = url;
      await this.image.decode();
      URL.revokeObjectURL(old);
      this.image.hidden = this.wanted === null;
      this.shown = address;
    } catch (error) {
      this.wanted = null;
      this.failed((error as Error).message);
    } finally {
      this.busy = false;
    }
    await this.load();
  }
}
