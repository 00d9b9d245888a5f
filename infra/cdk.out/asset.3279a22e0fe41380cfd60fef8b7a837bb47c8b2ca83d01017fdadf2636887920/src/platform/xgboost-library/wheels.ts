/** Version of libxgboost: the newest that SageMaker's built-in image can serve (docs/adr/0003). */
export const XGBOOST_VERSION = '3.0.5';

export type Wheel = {
  /** Project on the Python package index. */
  readonly project: string;
  /** Tag that `pip download --platform` understands. */
  readonly platformTag: string;
  readonly fileName: string;
  readonly sha256: string;
  /** Path of the library inside the wheel. */
  readonly library: string;
};

const wheel = (project: string, platformTag: string, sha256: string, library: string): Wheel => ({
  project,
  platformTag,
  fileName: `${project.replace('-', '_')}-${XGBOOST_VERSION}-py3-none-${platformTag}.whl`,
  sha256,
  library: `xgboost/lib/${library}`,
});

/** By `<platform>-<arch>` as Node names them. There is none for musl; the Linux `xgboost` wheels carry GPU code and are 20 times larger. */
export const WHEELS: Readonly<Record<string, Wheel>> = {
  'linux-x64': wheel(
    'xgboost-cpu',
    'manylinux_2_28_x86_64',
    'ed5c141b88e53777b9bf8786881fd6e2e9032837c7e349052ab40363a14ac708',
    'libxgboost.so',
  ),
  'linux-arm64': wheel(
    'xgboost-cpu',
    'manylinux_2_28_aarch64',
    '9495654dc19b2bbf7f18328566adce2d3504dabf998f1185fac16ba6125d3fcb',
    'libxgboost.so',
  ),
  'win32-x64': wheel(
    'xgboost-cpu',
    'win_amd64',
    '0017b93d638fe004808338e077af30fd837227bfcc73f236808d73ed255ab1ec',
    'xgboost.dll',
  ),
  'darwin-arm64': wheel(
    'xgboost',
    'macosx_12_0_arm64',
    '40c324c329bf74f44571cdafb7aa7435366309d76ec14b3e16874862aeb14351',
    'libxgboost.dylib',
  ),
  'darwin-x64': wheel(
    'xgboost',
    'macosx_10_15_x86_64',
    'f974028c7a0c3ae51ef87e2900405436ddafff46452f6f334f5cc295e921429b',
    'libxgboost.dylib',
  ),
};
