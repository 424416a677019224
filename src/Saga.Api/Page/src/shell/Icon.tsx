const paths = {
  close: 'M4 4l8 8M12 4l-8 8',
  back: 'M10 3L5 8l5 5',
  plus: 'M8 3v10M3 8h10',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.8 7v3.8M9.2 7v3.8',
  upload: 'M8 10.5V3M5 6l3-3 3 3M3 10.5V13h10v-2.5',
  file: 'M4.5 2.5h4.5l2.5 2.5v8.5h-7zM9 2.5V5h2.5',
  folder: 'M2.5 4h4l1.2 1.5h5.8V12.5h-11z',
  check: 'M3.5 8.5l3 3 6-7',
  warn: 'M8 2.8l5.7 10H2.3zM8 6.5v3M8 11.2v.1',
  play: 'M5.5 3.5l7 4.5-7 4.5z',
  stop: 'M4.5 4.5h7v7h-7z',
  chart: 'M2.5 2.5v11h11M5 10l2.5-3.5 2 2L13 4',
  eye: 'M1.5 8c2-3 4.2-4.3 6.5-4.3S12.5 5 14.5 8c-2 3-4.2 4.3-6.5 4.3S3.5 11 1.5 8zM8 6.2a1.8 1.8 0 1 0 .01 0',
  hidden: 'M1.5 8c2-3 4.2-4.3 6.5-4.3S12.5 5 14.5 8c-2 3-4.2 4.3-6.5 4.3S3.5 11 1.5 8zM3 13.5L13 2.5',
} as const;

/** A small line drawing; decoration only, the control around it has the name. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={paths[name]} /></svg>;
}
