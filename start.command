#!/bin/bash
# macOS: a double click opens the notebooks. The newest Python that is there; Apple's own is too old.
cd "$(dirname "$0")" || exit 1
for python in python3.14 python3.13 python3.12 python3.11 python3; do
  if command -v "$python" >/dev/null; then
    exec "$python" run.py lab
  fi
done
echo "请先安装 Python 3.11 或更新版本 · Please install Python 3.11 or newer first"
