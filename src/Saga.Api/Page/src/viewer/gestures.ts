import type { Orbit } from './Orbit';

/** A press that moves less than this is a click. */
const clickPixels = 5;
const radiansPerPixel = 0.008;
const keyStep = 0.12;
const keyPanPixels = 40;
const keyZoom = 1.15;

export interface GestureTargets {
  readonly orbit: Orbit;
  click(x: number, y: number, event: PointerEvent): void;
  frameAll(): void;
}

/**
 * Drag turns, right or middle drag (or Shift or Alt with drag) pans, the wheel and two fingers dolly; arrows turn, Shift+arrows pan,
 * + and - dolly, Home frames everything.
 */
export function attachGestures(element: HTMLElement, { orbit, click, frameAll }: GestureTargets): () => void {
  const ended = new AbortController();
  const options = { signal: ended.signal };
  const pointers = new Map<number, { x: number; y: number }>();
  let travelled = 0;

  const at = (event: PointerEvent | WheelEvent) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  element.addEventListener('pointerdown', (event) => {
    if (event.target !== element) {
      return;
    }
    element.setPointerCapture(event.pointerId);
    travelled = pointers.size === 0 ? 0 : Infinity;
    pointers.set(event.pointerId, at(event));
  }, options);

  element.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    const now = at(event);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    travelled += Math.abs(dx) + Math.abs(dy);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    if (travelled < clickPixels) {
      return;
    }
    if (other) {
      const spread = (point: { x: number; y: number }) => Math.max(Math.hypot(point.x - other.x, point.y - other.y), 1);
      orbit.dolly(spread(before) / spread(now));
      orbit.pan(dx / 2, dy / 2);
    } else if (event.buttons & 6 || event.shiftKey || event.altKey) {
      orbit.pan(dx, dy);
    } else {
      orbit.orbit(dx * radiansPerPixel, dy * radiansPerPixel);
    }
  }, options);

  const release = (event: PointerEvent, cancelled: boolean) => {
    if (!pointers.delete(event.pointerId) || cancelled) {
      return;
    }
    if (travelled < clickPixels && event.button === 0) {
      const { x, y } = at(event);
      click(x, y, event);
    }
  };
  element.addEventListener('pointerup', (event) => release(event, false), options);
  element.addEventListener('pointercancel', (event) => release(event, true), options);
  element.addEventListener('contextmenu', (event) => event.preventDefault(), options);
  element.addEventListener('wheel', (event) => {
    event.preventDefault();
    orbit.dolly(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.0025));
  }, { ...options, passive: false });

  element.addEventListener('keydown', (event) => {
    if (event.target !== element || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const arrow = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (arrow) {
      const [x, y] = arrow as [number, number];
      event.shiftKey ? orbit.pan(x * keyPanPixels, y * keyPanPixels) : orbit.orbit(x * keyStep, y * keyStep);
    } else if (event.key === '+' || event.key === '=') {
      orbit.dolly(1 / keyZoom);
    } else if (event.key === '-') {
      orbit.dolly(keyZoom);
    } else if (event.key === 'Home') {
      frameAll();
    } else {
      return;
    }
    event.preventDefault();
  }, options);
  return () => ended.abort();
}
