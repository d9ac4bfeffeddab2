using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace PayRecharge.WebApi;

/// <summary>
/// Writes log entries in the console's simple format and escapes control characters in external text. So a caller, a user name or a
/// gateway message can neither control the terminal nor forge a log entry. Line breaks in our own messages stay.
/// </summary>
internal sealed class EscapedConsole(IServiceProvider services) : ConsoleFormatter(FormatterName)
{
    /// <summary>The value of <c>Logging:Console:FormatterName</c>.</summary>
    public const string FormatterName = "escaped";

    private ConsoleFormatter? _simple;

    /// <summary>Replaces the simple format. Any other configured format is kept.</summary>
    public static void AddTo(ILoggingBuilder logging)
    {
        logging.AddConsoleFormatter<EscapedConsole, ConsoleFormatterOptions>();
        logging.Services.PostConfigure<ConsoleLoggerOptions>(options =>
        {
            if (options.FormatterName is null or ConsoleFormatterNames.Simple) options.FormatterName = FormatterName;
        });
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (text.AsSpan().ContainsAnyInRange('\0', '\x1f') || !Ascii.IsValid(text))
        {
            foreach (var (name, value) in logEntry.State as IEnumerable<KeyValuePair<string, object?>> ?? [])
            {
                if (name != "{OriginalFormat}" && value?.ToString() is { Length: > 0 } outside) text = text.Replace(outside, Escape(outside, lines: true), StringComparison.Ordinal);
            }
        }
        if (logEntry.Exception is { } exception) text += Environment.NewLine + TextOf(exception);
        text = Escape(text, lines: false);

        // Resolved lazily: this formatter is itself one of the services listed here.
        _simple ??= services.GetServices<ConsoleFormatter>().First(f => f.Name == ConsoleFormatterNames.Simple);
        _simple.Write(new LogEntry<string>(logEntry.LogLevel, logEntry.Category, logEntry.EventId, text, exception: null, (state, _) => state), scopeProvider, textWriter);
    }

    // Line breaks of the stack trace stay. Those of messages are escaped: a message may quote external text.
    private static string TextOf(Exception exception)
    {
        var text = exception.ToString();
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner.Message.Length > 0) text = text.Replace(inner.Message, Escape(inner.Message, lines: true), StringComparison.Ordinal);
        }
        return text;
    }

    private static string Escape(string text, bool lines)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (IsHarmless(text[i]) || (!lines && IsLineEnd(text, i)))
            {
                escaped?.Append(text[i]);
                continue;
            }
            escaped ??= new StringBuilder(text, 0, i, text.Length + 16);
            escaped.Append(text[i] switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                var other => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)other:x4}"),
            });
        }
        return escaped?.ToString() ?? text;
    }

    // After a lone carriage return, a terminal overwrites the line.
    private static bool IsLineEnd(string text, int at) => text[at] == '\n' || (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n');

    // Bidirectional marks are as dangerous in a log as control characters.
    private static bool IsHarmless(char c) => char.GetUnicodeCategory(c)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
