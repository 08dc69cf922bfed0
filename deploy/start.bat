@echo off
rem Double click: starts the program on this computer and opens the browser. First run, once:
rem deploy\install.py. Close this window to stop the program.
rem NOT TRIED on Windows by those who wrote it; the same two steps by hand are in deploy\README.md.
cd /d "%~dp0.."
if not exist ".venv\Scripts\python.exe" (
    py -3 deploy\install.py || goto failed
)
".venv\Scripts\python.exe" app.py %*
if errorlevel 1 goto failed
exit /b 0
:failed
echo.
echo See the reason above. Keep it for whoever helps you.
pause
exit /b 1
