using Refit;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>The PAYJS API: form posts that return JSON. Replies stay text, because the signature covers their members as sent.</summary>
internal interface IPayjsApi
{
    const string NativePath = "/native";

    [Post(NativePath)]
    Task<string> NativeAsync([Body(BodySerializationMethod.UrlEncoded)] IDictionary<string, string> form, CancellationToken cancellationToken);

    [Post("/check")]
    Task<string> CheckAsync([Body(BodySerializationMethod.UrlEncoded)] IDictionary<string, string> form, CancellationToken cancellationToken);

    [Post("/close")]
    Task<string> CloseAsync([Body(BodySerializationMethod.UrlEncoded)] IDictionary<string, string> form, CancellationToken cancellationToken);

    [Post("/refund")]
    Task<string> RefundAsync([Body(BodySerializationMethod.UrlEncoded)] IDictionary<string, string> form, CancellationToken cancellationToken);

    [Post("/info")]
    Task<string> InfoAsync([Body(BodySerializationMethod.UrlEncoded)] IDictionary<string, string> form, CancellationToken cancellationToken);
}
