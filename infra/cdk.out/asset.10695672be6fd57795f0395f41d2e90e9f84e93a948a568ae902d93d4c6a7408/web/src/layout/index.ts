export { Bar } from './bar.tsx';
export { Facts } from './facts.tsx';
export { LinkAnchor, LinkButton } from './links.tsx';
export { OutcomeBadge } from './outcome-badge.tsx';
export { Page } from './page.tsx';
export { Panel, Row } from './panel.tsx';
export { Tile, Tiles } from './tiles.tsx';
