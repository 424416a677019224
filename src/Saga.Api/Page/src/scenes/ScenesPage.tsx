export function ScenesPage() {
  return <main class="page"><h1>Scenes</h1></main>;
}
