import { useEffect, useState } from 'preact/hooks';
import { showError } from '../shell/toasts';
import { pickFromDrop, type PickedFile } from './upload/pick';

/** Takes files that are dropped anywhere on the page. */
export function DropTarget({ onDrop, isOff }: { onDrop: (files: PickedFile[]) => void; isOff: boolean }) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (isOff) {
      return;
    }

    const end = new AbortController();
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    addEventListener('dragover', event => {
      if (hasFiles(event)) {
        // Otherwise the browser opens the file in place of the page.
        event.preventDefault();
        setOver(true);
      }
    }, end);
    addEventListener('dragleave', event => event.relatedTarget === null && setOver(false), end);
    addEventListener('drop', event => {
      setOver(false);
      if (hasFiles(event)) {
        event.preventDefault();
        pickFromDrop(event.dataTransfer!).then(onDrop, showError);
      }
    }, end);
    return () => {
      end.abort();
      setOver(false);
    };
  }, [isOff]);
  return isOver ? <div class="drop-cover">Drop files, a folder or a zip</div> : null;
}
