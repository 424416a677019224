import { showHelp } from './Help';

export function Header() {
  return (
    <header class="header">
      <a class="brand" href="#/"><Mark />Saga</a>
      <nav class="header-links" aria-label="Service">
        <a href="swagger">API</a>
        <button type="button" class="icon-button" aria-label="Keyboard help" title="Keyboard help (?)" onClick={showHelp}>?</button>
      </nav>
    </header>
  );
}

/** The product's mark: one splat picked out of two. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <ellipse class="mark-rest" cx="12" cy="19" rx="10" ry="6.5" transform="rotate(-32 12 19)" />
      <ellipse class="mark-picked" cx="20" cy="13" rx="9" ry="5.5" transform="rotate(24 20 13)" />
    </svg>
  );
}
