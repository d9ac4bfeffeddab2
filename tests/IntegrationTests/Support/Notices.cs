using System.Net;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>Sends notices as the gateway does.</summary>
internal static class Notices
{
    /// <summary>Posts a notice once.</summary>
    public static Task<HttpResponseMessage> NotifyOnceAsync(this HttpClient server, IEnumerable<KeyValuePair<string, string>> fields) =>
        server.PostAsync("/payjs/notify", new FormUrlEncodedContent(fields));

    /// <summary>Posts a notice and repeats it on 503: on a busy machine the server's two seconds are short.</summary>
    public static async Task<HttpResponseMessage> NotifyAsync(this HttpClient server, IReadOnlyCollection<KeyValuePair<string, string>> fields)
    {
        HttpResponseMessage? response = null;
        await Eventually.HoldsAsync(async () =>
        {
            response?.Dispose();
            response = await server.NotifyOnceAsync(fields);
            return response.StatusCode != HttpStatusCode.ServiceUnavailable;
        });
        return response!;
    }
}
