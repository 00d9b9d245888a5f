import koffi from 'koffi';
import { AssayError } from '../../domain/index.ts';

/** Opaque native handle. */
export type NativeHandle = bigint;

/** Oldest libxgboost whose JSON model and C API this image knows. */
const OLDEST_MAJOR = 2;

/**
 * One-to-one image of the part of the C API of libxgboost that Assay calls
 * (https://xgboost.readthedocs.io/en/stable/dev/c__api_8h.html). Every call is checked: a non-zero status becomes an
 * AssayError with the text of XGBGetLastError. Pointers that come back belong to the library and live until its next call.
 */
export type XgboostLibrary = {
  readonly version: string;
  dMatrixCreateFromMat(
    values: Float32Array,
    rowCount: number,
    columnCount: number,
    missing: number,
    nthread: number,
  ): NativeHandle;
  dMatrixSetFloatInfo(matrix: NativeHandle, field: 'label' | 'weight', values: Float32Array): void;
  dMatrixSetStrFeatureInfo(
    matrix: NativeHandle,
    field: 'feature_name' | 'feature_type',
    values: readonly string[],
  ): void;
  dMatrixFree(matrix: NativeHandle): void;
  boosterCreate(cache: readonly NativeHandle[]): NativeHandle;
  boosterFree(booster: NativeHandle): void;
  boosterSetParam(booster: NativeHandle, name: string, value: string): void;
  boosterUpdateOneIter(booster: NativeHandle, iteration: number, train: NativeHandle): void;
  boosterEvalOneIter(
    booster: NativeHandle,
    iteration: number,
    matrices: readonly NativeHandle[],
    names: readonly string[],
  ): string;
  boosterSlice(booster: NativeHandle, begin: number, end: number, step: number): NativeHandle;
  boosterSetStrFeatureInfo(
    booster: NativeHandle,
    field: 'feature_name' | 'feature_type',
    values: readonly string[],
  ): void;
  /** A view of native memory: copy it before the next call on this booster. */
  boosterPredictFromDMatrix(booster: NativeHandle, matrix: NativeHandle, config: string): Float32Array;
  boosterLoadModelFromBuffer(booster: NativeHandle, model: Uint8Array): void;
  /** A view of native memory: copy it before the next call on this booster. */
  boosterSaveModelToBuffer(booster: NativeHandle, config: string): Uint8Array;
};

/**
 * Loads libxgboost.
 * @throws AssayError unavailable when the file does not load or is older than 2.0.
 */
export function loadXgboost(libraryPath: string): XgboostLibrary {
  const native = openLibrary(libraryPath);
  const lastError: () => string = native.func('const char *XGBGetLastError()');
  const check = (name: string, status: number): void => {
    if (status === 0) return;
    throw new AssayError('bad_input', { what: `libxgboost refused ${name}`, given: firstLines(lastError()) });
  };
  const version = readVersion(native, libraryPath);
  return {
    version,
    ...matrixFunctions(native, check),
    ...boosterFunctions(native, check),
    ...modelFunctions(native, check),
  };
}

type Native = ReturnType<typeof koffi.load>;
type Check = (name: string, status: number) => void;
type Out<T> = [T | null];

function openLibrary(libraryPath: string): Native {
  try {
    return koffi.load(libraryPath);
  } catch (cause) {
    throw new AssayError(
      'unavailable',
      {
        what: 'libxgboost could not be loaded',
        given: `${libraryPath}: ${cause instanceof Error ? cause.message : String(cause)}`,
        allowed: 'a libxgboost 2.0 or newer built for this platform and processor',
        fix:
          'likely causes: the OpenMP runtime is missing (Linux: libgomp1; macOS: brew install libomp); the file was moved away ' +
          'from the library folder beside it; it was built for another processor or for musl; run "assay doctor", or set XGBOOST_LIB',
      },
      { cause },
    );
  }
}

function readVersion(native: Native, libraryPath: string): string {
  const call: (major: Out<number>, minor: Out<number>, patch: Out<number>) => void = native.func(
    'void XGBoostVersion(_Out_ int *major, _Out_ int *minor, _Out_ int *patch)',
  );
  const [major, minor, patch]: [Out<number>, Out<number>, Out<number>] = [[null], [null], [null]];
  call(major, minor, patch);
  const version = [major[0], minor[0], patch[0]].map((part) => part ?? 0).join('.');
  if ((major[0] ?? 0) >= OLDEST_MAJOR) return version;
  throw new AssayError('unavailable', {
    what: 'libxgboost is too old',
    given: `${version} at ${libraryPath}`,
    allowed: `${OLDEST_MAJOR}.0 or newer`,
    fix: 'unset XGBOOST_LIB to let Assay fetch the pinned version',
  });
}

function matrixFunctions(native: Native, check: Check) {
  const create: (...args: unknown[]) => number = native.func(
    'int XGDMatrixCreateFromMat_omp(const float *data, uint64_t nrow, uint64_t ncol, float missing, _Out_ void **out, int nthread)',
  );
  const setFloat: (...args: unknown[]) => number = native.func(
    'int XGDMatrixSetFloatInfo(void *handle, const char *field, const float *array, uint64_t len)',
  );
  const setText: (...args: unknown[]) => number = native.func(
    'int XGDMatrixSetStrFeatureInfo(void *handle, const char *field, const char **features, uint64_t size)',
  );
  const free: (handle: NativeHandle) => number = native.func('int XGDMatrixFree(void *handle)');
  return {
    dMatrixCreateFromMat(
      values: Float32Array,
      rowCount: number,
      columnCount: number,
      missing: number,
      nthread: number,
    ) {
      const out: Out<NativeHandle> = [null];
      check('XGDMatrixCreateFromMat_omp', create(values, rowCount, columnCount, missing, out, nthread));
      return handleOf(out);
    },
    dMatrixSetFloatInfo(matrix: NativeHandle, field: string, values: Float32Array) {
      check('XGDMatrixSetFloatInfo', setFloat(matrix, field, values, values.length));
    },
    dMatrixSetStrFeatureInfo(matrix: NativeHandle, field: string, values: readonly string[]) {
      check('XGDMatrixSetStrFeatureInfo', setText(matrix, field, values, values.length));
    },
    dMatrixFree(matrix: NativeHandle) {
      check('XGDMatrixFree', free(matrix));
    },
  };
}

function boosterFunctions(native: Native, check: Check) {
  const create: (...args: unknown[]) => number = native.func(
    'int XGBoosterCreate(void **dmats, uint64_t len, _Out_ void **out)',
  );
  const free: (handle: NativeHandle) => number = native.func('int XGBoosterFree(void *handle)');
  const setParam: (...args: unknown[]) => number = native.func(
    'int XGBoosterSetParam(void *handle, const char *name, const char *value)',
  );
  const update: (...args: unknown[]) => number = native.func(
    'int XGBoosterUpdateOneIter(void *handle, int iter, void *dtrain)',
  );
  const evaluate: (...args: unknown[]) => number = native.func(
    'int XGBoosterEvalOneIter(void *handle, int iter, void **dmats, const char **evnames, uint64_t len, _Out_ const char **out)',
  );
  return {
    boosterCreate(cache: readonly NativeHandle[]) {
      const out: Out<NativeHandle> = [null];
      check('XGBoosterCreate', create(cache, cache.length, out));
      return handleOf(out);
    },
    boosterFree(booster: NativeHandle) {
      check('XGBoosterFree', free(booster));
    },
    boosterSetParam(booster: NativeHandle, name: string, value: string) {
      check(`parameter ${name}=${value}`, setParam(booster, name, value));
    },
    boosterUpdateOneIter(booster: NativeHandle, iteration: number, train: NativeHandle) {
      check('XGBoosterUpdateOneIter', update(booster, iteration, train));
    },
    boosterEvalOneIter(
      booster: NativeHandle,
      iteration: number,
      matrices: readonly NativeHandle[],
      names: readonly string[],
    ) {
      const out: Out<string> = [null];
      check('XGBoosterEvalOneIter', evaluate(booster, iteration, matrices, names, matrices.length, out));
      return out[0] ?? '';
    },
  };
}

function modelFunctions(native: Native, check: Check) {
  const slice: (...args: unknown[]) => number = native.func(
    'int XGBoosterSlice(void *handle, int begin, int end, int step, _Out_ void **out)',
  );
  const setText: (...args: unknown[]) => number = native.func(
    'int XGBoosterSetStrFeatureInfo(void *handle, const char *field, const char **features, uint64_t size)',
  );
  const predict: (...args: unknown[]) => number = native.func(
    'int XGBoosterPredictFromDMatrix(void *handle, void *dmat, const char *config, _Out_ void **shape, _Out_ uint64_t *dim, _Out_ void **result)',
  );
  const load: (...args: unknown[]) => number = native.func(
    'int XGBoosterLoadModelFromBuffer(void *handle, const uint8_t *buf, uint64_t len)',
  );
  const save: (...args: unknown[]) => number = native.func(
    'int XGBoosterSaveModelToBuffer(void *handle, const char *config, _Out_ uint64_t *len, _Out_ void **out)',
  );
  return {
    boosterSlice(booster: NativeHandle, begin: number, end: number, step: number) {
      const out: Out<NativeHandle> = [null];
      check('XGBoosterSlice', slice(booster, begin, end, step, out));
      return handleOf(out);
    },
    boosterSetStrFeatureInfo(booster: NativeHandle, field: string, values: readonly string[]) {
      check('XGBoosterSetStrFeatureInfo', setText(booster, field, values, values.length));
    },
    boosterPredictFromDMatrix(booster: NativeHandle, matrix: NativeHandle, config: string) {
      const shape: Out<NativeHandle> = [null];
      const dimensions: Out<number | bigint> = [null];
      const result: Out<NativeHandle> = [null];
      check('XGBoosterPredictFromDMatrix', predict(booster, matrix, config, shape, dimensions, result));
      const sizes = new BigUint64Array(koffi.view(handleOf(shape), 8 * Number(dimensions[0] ?? 0)));
      const length = sizes.reduce((product, size) => product * Number(size), 1);
      return length === 0 ? new Float32Array(0) : new Float32Array(koffi.view(handleOf(result), 4 * length));
    },
    boosterLoadModelFromBuffer(booster: NativeHandle, model: Uint8Array) {
      check('XGBoosterLoadModelFromBuffer', load(booster, model, model.length));
    },
    boosterSaveModelToBuffer(booster: NativeHandle, config: string) {
      const length: Out<number | bigint> = [null];
      const out: Out<NativeHandle> = [null];
      check('XGBoosterSaveModelToBuffer', save(booster, config, length, out));
      return new Uint8Array(koffi.view(handleOf(out), Number(length[0] ?? 0)));
    },
  };
}

function handleOf(out: Out<NativeHandle>): NativeHandle {
  if (out[0] === null) throw new AssayError('internal', { what: 'libxgboost gave back no handle' });
  return out[0];
}

/** libxgboost appends a native stack trace to its messages; only what comes before it speaks to people. */
function firstLines(message: string): string {
  return message.split('Stack trace')[0]!.trim().slice(0, 600);
}
