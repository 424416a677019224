import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './Icon';

interface DialogProps {
  title: string;
  /** Called however it is closed. */
  onClose: () => void;
  /** Wider, for what has rows. */
  wide?: boolean;
  /** While true, neither Escape nor the cross closes it: something is under way that has a button of its own to stop it. */
  isBusy?: boolean;
  children: ComponentChildren;
}

/** A modal dialog: the browser keeps the focus inside, closes it on Escape and gives the focus back afterwards. */
export function Dialog({ title, onClose, wide, isBusy, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const opener = document.activeElement;
    const dialog = element.current!;
    dialog.showModal();
    return () => {
      dialog.close();
      if (opener instanceof HTMLElement && opener.isConnected) {
        opener.focus();
      }
    };
  }, []);

  return (
    <dialog ref={element} class={wide ? 'dialog dialog-wide' : 'dialog'} aria-labelledby={titleId}
      onCancel={event => { event.preventDefault(); if (!isBusy) { onClose(); } }}>
      <header class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="icon-button" aria-label="Close" disabled={isBusy} onClick={onClose}><Icon name="close" /></button>
      </header>
      {children}
    </dialog>
  );
}
