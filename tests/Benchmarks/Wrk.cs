using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace PayRecharge.Benchmarks;

/// <summary>An HTTP request.</summary>
/// <param name="Target">Path and query.</param>
/// <param name="Form">The body of a POST, URL-encoded; null makes it a GET.</param>
internal sealed record Request(string Target, string? Form = null)
{
    public string On(Uri address) => Form is null
        ? $"GET {Target} HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"
        : $"POST {Target} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {Form.Length}\r\n\r\n{Form}";

    public async Task<string> SendAsync(HttpClient http)
    {
        using var content = Form is null ? null : new StringContent(Form, Encoding.ASCII, "application/x-www-form-urlencoded");
        using var response = content is null ? await http.GetAsync(Target) : await http.PostAsync(Target, content);
        return await response.Content.ReadAsStringAsync();
    }
}

/// <summary>wrk's result of a run; times in microseconds.</summary>
internal sealed record Load(long Completed, long Duration, long Bytes, long P50, long P99)
{
    public double PerSecond => Completed * 1e6 / Duration;
}

/// <summary>wrk with one thread. The requests are generated beforehand, so that composing them takes no time while it measures.</summary>
internal static class Wrk
{
    private const string Script = """
        local requests, at, once = {}, 0, false
        spent, good, bad = 0, 0, 0

        function setup(t) thread = t end

        function init(args)
          local file = assert(io.open(args[1], "rb"))
          once = args[2] == "once"
          while true do
            local length = file:read("*n")
            if not length then break end
            file:read(1)
            requests[#requests + 1] = file:read(length)
          end
          file:close()
          local mark = args[3]
          if mark then
            response = function(status, headers, body)
              if status == 200 and body:find(mark, 1, true) then good = good + 1 else bad = bad + 1 end
            end
          end
        end

        function request()
          at = at + 1
          if at > #requests then
            if once then spent = 1 end
            at = 1
          end
          return requests[at]
        end

        function done(summary, latency)
          local e = summary.errors
          io.write(string.format("RESULT %d %d %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
            latency:percentile(50), latency:percentile(99), thread:get("good"),
            e.connect + e.read + e.write + e.timeout + e.status + thread:get("bad"), thread:get("spent")))
        end
        """;

    /// <summary>Loads a server; fails on any answer but 200.</summary>
    /// <param name="server">The server.</param>
    /// <param name="requests">The requests, sent in turn.</param>
    /// <param name="once">Whether each request may be sent only once.</param>
    /// <param name="connections">Connections, each with one request at a time.</param>
    /// <param name="seconds">The duration in seconds.</param>
    /// <param name="mark">The text that every body must contain; slows wrk down.</param>
    public static async Task<Load> RunAsync(Uri server, IEnumerable<Request> requests, bool once, int connections, int seconds, string? mark = null)
    {
        var folder = Directory.CreateTempSubdirectory("payrecharge-wrk-").FullName;
        try
        {
            var (script, list) = (Path.Combine(folder, "wrk.lua"), Path.Combine(folder, "requests"));
            await File.WriteAllTextAsync(script, Script);
            await File.WriteAllLinesAsync(list, requests.Select(r => r.On(server)).Select(text => $"{text.Length}\n{text}"), Encoding.ASCII);
            string[] arguments = ["-t1", $"-c{connections}", $"-d{seconds}s", "--timeout", "10s", "-s", script, server.ToString(), list, once ? "once" : "again", .. mark is null ? [] : new[] { mark }];
            using var process = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode != 0 || output.Split('\n').FirstOrDefault(l => l.StartsWith("RESULT ", StringComparison.Ordinal)) is not { } line)
                throw new InvalidOperationException("wrk failed:\n" + output);
            var n = line.Split(' ').Skip(1).Select(x => long.Parse(x, CultureInfo.InvariantCulture)).ToArray();
            if (n[6] > 0 || (mark is not null && n[5] != n[0])) throw new InvalidOperationException($"Of {n[0]} requests {n[6]} went wrong:\n{output}");
            if (n[7] > 0) throw new InvalidOperationException($"The {n[0]} requests prepared for this run were too few.");
            return new Load(n[0], n[1], n[2], n[3], n[4]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
