interface Cluster {
  x: number;
  y: number;
  radius: number;
  count: number;
  picked: boolean;
}

/** Three objects made of splats, one of them picked. */
const clusters: Cluster[] = [
  { x: 78, y: 62, radius: 40, count: 26, picked: false },
  { x: 250, y: 66, radius: 36, count: 22, picked: false },
  { x: 164, y: 56, radius: 44, count: 34, picked: true },
];

const splats = clusters.flatMap((cluster, c) => Array.from({ length: cluster.count }, (_, i) => {
  // A sunflower's spread: even, and the same on every visit.
  const angle = 2.39996 * (i + 7 * c);
  const distance = cluster.radius * Math.sqrt((i + 0.5) / cluster.count);
  return {
    x: cluster.x + distance * Math.cos(angle),
    y: cluster.y + 0.8 * distance * Math.sin(angle),
    rx: 7 + (i * 5 + c) % 7,
    ry: 3 + (i * 3 + c) % 4,
    turn: (i * 47 + c * 20) % 180,
    opacity: 0.18 + ((i * 13) % 9) / 22,
    picked: cluster.picked,
  };
}));

/** Decoration of the first visit. */
export function HeroSplat() {
  return (
    <svg class="hero" viewBox="0 0 328 124" aria-hidden="true">
      {splats.map(({ x, y, rx, ry, turn, opacity, picked }) => (
        <ellipse key={`${x},${y}`} class={picked ? 'hero-picked' : 'hero-rest'} cx={x} cy={y} rx={rx} ry={ry} opacity={opacity}
          transform={`rotate(${turn} ${x} ${y})`} />
      ))}
      <circle class="hero-point" cx="164" cy="56" r="5" />
    </svg>
  );
}
