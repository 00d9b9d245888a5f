import './zod-jitless.ts';
import '@mantine/core/styles.layer.css';
import './theme.css';
import './global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { reloadOnNewBuild } from './reload-on-new-build.ts';

reloadOnNewBuild();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
