export { mountScene, type SceneHost } from './mountScene';
