import { effect } from '@preact/signals';
import { project } from '../viewer/pinhole';
import type { Viewer } from '../viewer/Viewer';
import type { Session } from './Session';
import type { PromptPoint } from './similarity';

/** A marker that was moved less than this was only touched. */
const dragPixels = 5;

export interface MarkerActions {
  /** Puts the point at another pixel of the picture; false where there is nothing to stick to. */
  move(key: number, x: number, y: number): void;
  remove(key: number): void;
}

/** Draws the points over the picture, at their places in the world. Each is a button: Delete removes it, a drag moves it, or off. */
export function attachMarkers(viewer: Viewer, session: Session, actions: MarkerActions): () => void {
  const layer = document.createElement('div');
  layer.className = 'markers';
  viewer.element.append(layer);
  const buttons = new Map<number, HTMLButtonElement>();

  const place = () => {
    for (const point of session.state.peek().points) {
      const button = buttons.get(point.key);
      if (button && !button.classList.contains('marker-dragged')) {
        const { x, y, depth } = project(viewer.camera, point.position);
        button.hidden = !(depth > 0);
        button.style.transform = `translate(${x}px, ${y}px)`;
      }
    }
  };

  const endEffect = effect(() => {
    const { points } = session.state.value;
    const keys = new Set(points.map((point) => point.key));
    for (const [key, button] of buttons) {
      if (!keys.has(key)) {
        // The place to go on from, for who removed the point by keyboard.
        if (button === document.activeElement) {
          viewer.element.focus();
        }
        button.remove();
        buttons.delete(key);
      }
    }
    points.forEach((point, i) => {
      if (!buttons.has(point.key)) {
        const button = create(point, viewer, actions, place);
        buttons.set(point.key, button);
        layer.append(button);
      }
      const button = buttons.get(point.key)!;
      button.setAttribute('aria-label', `${point.positive ? 'Positive' : 'Negative'} point ${i + 1}: Delete removes it`);
    });
    place();
  });
  const endCamera = viewer.onCamera(place);
  return () => {
    endEffect();
    endCamera();
    layer.remove();
  };
}

function create(point: PromptPoint, viewer: Viewer, actions: MarkerActions, place: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `marker ${point.positive ? 'marker-positive' : 'marker-negative'}`;
  button.textContent = point.positive ? '+' : '−';
  let start: { x: number; y: number } | null = null;

  button.addEventListener('pointerdown', (event) => {
    event.stopPropagation();
    button.setPointerCapture(event.pointerId);
    start = { x: event.clientX, y: event.clientY };
  });
  button.addEventListener('pointermove', (event) => {
    if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) >= dragPixels) {
      button.classList.add('marker-dragged');
    }
    if (button.classList.contains('marker-dragged')) {
      const box = viewer.element.getBoundingClientRect();
      button.style.transform = `translate(${event.clientX - box.left}px, ${event.clientY - box.top}px)`;
    }
  });
  const release = (event: PointerEvent, cancelled: boolean) => {
    const dragged = button.classList.contains('marker-dragged');
    start = null;
    button.classList.remove('marker-dragged');
    const box = viewer.element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (dragged && !cancelled) {
      if (x < 0 || y < 0 || x >= box.width || y >= box.height) {
        actions.remove(point.key);
      } else {
        actions.move(point.key, x, y);
      }
    }
    place();
  };
  button.addEventListener('pointerup', (event) => release(event, false));
  button.addEventListener('pointercancel', (event) => release(event, true));
  button.addEventListener('keydown', (event) => {
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      event.stopPropagation();
      actions.remove(point.key);
    }
  });
  return button;
}
