import { Tooltip } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './layout.module.css';

type TileProps = {
  readonly title: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
  /** Exact meaning of the figure, on hover and focus. */
  readonly definition?: string;
  readonly dataKey?: string;
};

export function Tile({ title, value, note, definition, dataKey }: TileProps) {
  return (
    <div className={classes['tile']} data-figure={dataKey}>
      <div className={classes['tileTitle']}>
        {title}
        {definition === undefined ? null : (
          <Tooltip label={definition} multiline w={280} withArrow events={{ hover: true, focus: true, touch: true }}>
            <button type="button" className={classes['info']} aria-label={`${title}: ${definition}`}>
              <IconInfoCircle size={14} stroke={1.6} />
            </button>
          </Tooltip>
        )}
      </div>
      <div className={classes['tileValue']}>{value}</div>
      {note === undefined ? null : <div className={classes['tileNote']}>{note}</div>}
    </div>
  );
}

type TilesProps = {
  /** `large`: the few figures a page is about; those beside them stay as they are. */
  readonly size?: 'large';
  readonly children: ReactNode;
};

export function Tiles({ size, children }: TilesProps) {
  return (
    <div className={classes['tiles']} data-size={size}>
      {children}
    </div>
  );
}
