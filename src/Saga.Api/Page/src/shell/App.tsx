import { ScenePage } from '../scenes/ScenePage';
import { ScenesPage } from '../scenes/ScenesPage';
import { Header } from './Header';
import { Help } from './Help';
import { KeyDialog } from './KeyDialog';
import { route } from './router';
import { Toasts } from './toasts';

export function App() {
  const at = route.value;
  return (
    <>
      <Header />
      {at.page === 'scenes' && <ScenesPage />}
      {at.page === 'scene' && <ScenePage key={at.id} id={at.id} />}
      {at.page === 'unknown' && (
        <main class="page empty">
          <h1>There is nothing at this address</h1>
          <p><a href="#/">Go to the scenes</a></p>
        </main>
      )}
      <Toasts />
      <Help />
      <KeyDialog />
    </>
  );
}
