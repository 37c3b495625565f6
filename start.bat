@echo off
rem Windows: a double click opens the notebooks.
chcp 65001 >nul
pushd "%~dp0"
set PYTHON=python
where py >nul 2>nul && set PYTHON=py -3
%PYTHON% run.py lab
if errorlevel 1 (
  echo.
  echo 没有完成：请看上面的说明。需要 Python 3.11 或更新版本
  echo Not done: see the lines above. Python 3.11 or newer is needed
  pause
)
popd
