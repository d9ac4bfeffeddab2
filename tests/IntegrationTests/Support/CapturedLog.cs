using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>A server's log of all categories, at the configured levels.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    /// <summary>The entries so far, oldest first; the text ends with the exception, if there is one.</summary>
    public ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() { }

    private sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Entries.Enqueue((logLevel, $"{category}: {formatter(state, exception)} {exception}", exception));
    }
}
